/** Something that opens over the page and closes again, giving the focus back. */
export interface Popup {
  readonly isOpen: boolean;
  /** Opens at a point of the page, in pixels, and keeps within the page. */
  open(at: { x: number; y: number }): void;
}

/** Escape closes the popup, and so does a press or the focus elsewhere; `onClose` is told once. */
export function createPopup(panel: HTMLElement, onOpen: () => void, onClose: () => void): Popup {
  let returnTo: Element | null = null;
  panel.classList.add('popup');
  panel.hidden = true;

  const close = (): void => {
    if (panel.hidden) return;
    const hadFocus = panel.contains(document.activeElement);
    panel.hidden = true;
    if (hadFocus && returnTo instanceof HTMLElement) returnTo.focus();
    onClose();
  };
  panel.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' && event.key !== 'Tab') return;
    event.preventDefault();
    event.stopPropagation();
    close();
  });
  document.addEventListener('pointerdown', ({ target }) => {
    if (target instanceof Node && !panel.contains(target)) close();
  }, true);
  window.addEventListener('blur', close);

  return {
    get isOpen() {
      return !panel.hidden;
    },
    open({ x, y }) {
      returnTo = document.activeElement;
      panel.hidden = false;
      onOpen();
      panel.style.left = `${Math.max(Math.min(x, document.documentElement.clientWidth - panel.offsetWidth - 4), 4)}px`;
      panel.style.top = `${Math.max(Math.min(y, document.documentElement.clientHeight - panel.offsetHeight - 4), 4)}px`;
    },
  };
}
