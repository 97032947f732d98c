import * as l10n from '@vscode/l10n';
import { element, setAttributes } from './dom';
import type { Suggestion, Suggestions } from './filterSuggestions';

const LIST_ID = 'filter-suggestions';

/** What may follow in an input, line by line under it, one of which the input's keys mark. */
export interface SuggestionList {
  element: HTMLElement;
  isOpen(): boolean;
  show(suggestions: Suggestions): void;
  close(): void;
  /** Marks the line after the marked one or before it, and goes around at the ends. */
  mark(by: 1 | -1): void;
  isMarked(): boolean;
  takeMarked(): void;
}

/** @param onTake is told a line, and from where on in the input it stands */
export function createSuggestionList(input: HTMLInputElement, onTake: (suggestion: Suggestion, from: number) => void): SuggestionList {
  const list = element('ul', 'popup suggestions');
  setAttributes(list, { id: LIST_ID, role: 'listbox', 'aria-label': l10n.t('Suggestions') });
  list.hidden = true;
  setAttributes(input, { 'aria-controls': LIST_ID, 'aria-expanded': false });
  let shown: Suggestions = { from: 0, list: [] };
  let marked = -1;

  const setMark = (position: number): void => {
    marked = position;
    for (const [index, option] of [...list.children].entries()) option.setAttribute('aria-selected', String(index === marked));
    if (marked < 0) input.removeAttribute('aria-activedescendant');
    else input.setAttribute('aria-activedescendant', `${LIST_ID}-${marked}`);
  };
  const show = (suggestions: Suggestions): void => {
    shown = suggestions;
    list.replaceChildren(...suggestions.list.map(suggestionLine));
    list.hidden = suggestions.list.length === 0;
    input.setAttribute('aria-expanded', String(!list.hidden));
    setMark(-1);
  };
  const takeAt = (position: number): void => {
    const suggestion = shown.list[position];
    if (suggestion) onTake(suggestion, shown.from);
  };
  /** A press would take the focus from the input, and with it the list. */
  list.addEventListener('mousedown', (event) => {
    event.preventDefault();
    const line = event.target instanceof Element ? event.target.closest('.suggestion') : null;
    if (line) takeAt([...list.children].indexOf(line));
  });

  return {
    element: list,
    isOpen: () => !list.hidden,
    show,
    close: () => show({ from: 0, list: [] }),
    mark(by) {
      const { length } = shown.list;
      setMark(by > 0 ? (marked + 1) % length : (marked <= 0 ? length : marked) - 1);
    },
    isMarked: () => marked >= 0,
    takeMarked: () => takeAt(marked),
  };
}

function suggestionLine({ text, hint }: Suggestion, index: number): HTMLElement {
  const line = element('li', 'suggestion', element('span', 'suggestion-text', text), element('span', 'menu-note', hint));
  setAttributes(line, { role: 'option', id: `${LIST_ID}-${index}` });
  return line;
}
