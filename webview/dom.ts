type Children = readonly (Node | string)[];

/** An element with a class and children; strings become text, never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K, className = '', ...children: Children
): HTMLElementTagNameMap[K] {
  const created = document.createElement(tag);
  if (className !== '') created.className = className;
  created.append(...children);
  return created;
}

/** Sets several attributes at once. */
export function setAttributes(target: Element, attributes: Readonly<Record<string, string | number | boolean>>): void {
  for (const [name, value] of Object.entries(attributes)) target.setAttribute(name, String(value));
}

/** Writes text only where it differs, so that nothing is laid out for an unchanged cell. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/**
 * Keeps plain keys and undo and redo of a text input from the host, which would take them for shortcuts: the webview
 * forwards every key that reaches the window.
 */
export function keepKeys(input: HTMLElement): void {
  input.addEventListener('keydown', (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !/^F\d+$/.test(event.key);
    const undoOrRedo = (event.ctrlKey || event.metaKey) && /^[zy]$/i.test(event.key);
    if (plain || undoOrRedo) event.stopPropagation();
  });
}
