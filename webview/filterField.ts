import * as l10n from '@vscode/l10n';
import { element, keepKeys, setAttributes } from './dom';
import { keySuggestions, suggestionsFor, take, type Suggestions } from './filterSuggestions';
import type { TableRow } from './tableRow';

const LIST_ID = 'filter-suggestions';

export interface FilterField {
  element: HTMLElement;
  input: HTMLInputElement;
  /** Says that the filter is not understood, and which element says why. */
  setProblem(id: string | null): void;
}

export interface FilterFieldEvents {
  /** Those suggestions are taken from. */
  rows(): Iterable<TableRow>;
  onInput(filter: string): void;
  /** ArrowDown where no list is open. */
  onLeave(): void;
}

/**
 * The filter's input with a list of what may follow under it: ArrowDown goes into the list, Enter takes a line, Escape closes
 * it and, once it is closed, clears the filter. The button shows all keys.
 */
export function createFilterField({ rows, onInput, onLeave }: FilterFieldEvents): FilterField {
  const input = element('input', 'filter-input');
  setAttributes(input, {
    type: 'text', role: 'combobox', autocomplete: 'off', spellcheck: false, 'aria-label': l10n.t('Filter layers'),
    'aria-autocomplete': 'list', 'aria-controls': LIST_ID, 'aria-expanded': false,
  });
  input.placeholder = l10n.t('Filter: words, -words, op:Conv,Gemm, bits<8, sqnr<30, size>1MB, state:float');
  keepKeys(input);
  const help = element('button', 'bar-toggle filter-help', '?');
  setAttributes(help, { type: 'button', title: l10n.t('What a filter may say'), 'aria-label': l10n.t('What a filter may say') });
  const list = element('ul', 'popup suggestions');
  setAttributes(list, { id: LIST_ID, role: 'listbox', 'aria-label': l10n.t('Suggestions') });
  list.hidden = true;
  let shown: Suggestions = { from: 0, list: [] };
  let active = -1;

  const mark = (position: number): void => {
    active = position;
    for (const [index, option] of [...list.children].entries()) option.setAttribute('aria-selected', String(index === active));
    if (active < 0) input.removeAttribute('aria-activedescendant');
    else input.setAttribute('aria-activedescendant', `${LIST_ID}-${active}`);
  };
  const show = (suggestions: Suggestions): void => {
    shown = suggestions;
    list.replaceChildren(...suggestions.list.map(({ text, hint }, index) => {
      const option = element('li', 'suggestion', element('span', 'suggestion-text', text), element('span', 'menu-note', hint));
      setAttributes(option, { role: 'option', id: `${LIST_ID}-${index}` });
      return option;
    }));
    list.hidden = suggestions.list.length === 0;
    input.setAttribute('aria-expanded', String(!list.hidden));
    mark(-1);
  };
  const close = (): void => show({ from: 0, list: [] });
  const caret = (): number => input.selectionStart ?? input.value.length;
  const suggest = (): void => show(suggestionsFor(input.value, caret(), rows()));
  const showKeys = (): void => show({ from: caret(), list: keySuggestions() });
  const accept = (position: number): void => {
    const suggestion = shown.list[position];
    if (!suggestion) return;
    const taken = take(input.value, caret(), shown.from, suggestion);
    input.value = taken.filter;
    input.focus();
    input.setSelectionRange(taken.caret, taken.caret);
    onInput(input.value);
    suggest();
  };

  input.addEventListener('input', () => {
    onInput(input.value);
    suggest();
  });
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    const { length } = shown.list;
    if (list.hidden && event.key === 'ArrowDown') return event.altKey ? showKeys() : onLeave();
    if (list.hidden) {
      if (event.key !== 'Escape') return;
      input.value = '';
      return onInput('');
    }
    if (event.key === 'ArrowDown') mark((active + 1) % length);
    else if (event.key === 'ArrowUp') mark((active <= 0 ? length : active) - 1);
    else if (event.key === 'Enter' && active >= 0) accept(active);
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  /** A press would take the focus from the input, and with it the list. */
  list.addEventListener('mousedown', (event) => {
    event.preventDefault();
    const option = event.target instanceof Element ? event.target.closest('.suggestion') : null;
    if (option) accept([...list.children].indexOf(option));
  });
  help.addEventListener('mousedown', (event) => event.preventDefault());
  help.addEventListener('click', () => {
    const wasOpen = !list.hidden;
    input.focus();
    if (wasOpen) close();
    else showKeys();
  });

  return {
    element: element('div', 'filter filter-field', input, help, list),
    input,
    setProblem(id) {
      input.setAttribute('aria-invalid', String(id !== null));
      if (id === null) input.removeAttribute('aria-describedby');
      else input.setAttribute('aria-describedby', id);
    },
  };
}
