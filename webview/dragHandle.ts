import { element } from './dom';

/** Calls `onMove` with the pointer's x in `area`, in pixels, from where it goes down on `target` until it is released. */
export function onDrag(target: HTMLElement, area: HTMLElement, onMove: (x: number, event: PointerEvent) => void): void {
  const report = (event: PointerEvent): void => onMove(event.clientX - area.getBoundingClientRect().left, event);
  target.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    target.setPointerCapture(event.pointerId);
    report(event);
  });
  target.addEventListener('pointermove', (event) => {
    if (target.hasPointerCapture(event.pointerId)) report(event);
  });
}

export interface DragHandle {
  element: HTMLElement;
  /** Puts it over the line at `x` in its area; null hides it. */
  place(x: number | null, top: number, bottom: number): void;
}

/** A strip over a vertical line that can be taken hold of. */
export function createDragHandle(area: HTMLElement, onMove: (x: number) => void): DragHandle {
  const handle = element('div', 'drag-handle');
  handle.hidden = true;
  onDrag(handle, area, onMove);
  area.append(handle);
  return {
    element: handle,
    place(x, top, bottom) {
      handle.hidden = x === null;
      if (x === null) return;
      handle.style.left = `${x}px`;
      handle.style.top = `${top}px`;
      handle.style.height = `${bottom - top}px`;
    },
  };
}
