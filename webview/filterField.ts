import * as l10n from '@vscode/l10n';
import { element, keepKeys, setAttributes } from './dom';
import { keySuggestions, suggestionsFor, take } from './filterSuggestions';
import { createSuggestionList } from './suggestionList';
import type { TableRow } from './tableRow';

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
  const input = filterInput();
  const help = helpButton();
  const caret = (): number => input.selectionStart ?? input.value.length;
  const suggest = (): void => list.show(suggestionsFor(input.value, caret(), rows()));
  const showKeys = (): void => list.show({ from: caret(), list: keySuggestions() });
  const list = createSuggestionList(input, (suggestion, from) => {
    const taken = take(input.value, caret(), from, suggestion);
    input.value = taken.filter;
    input.focus();
    input.setSelectionRange(taken.caret, taken.caret);
    onInput(input.value);
    suggest();
  });

  input.addEventListener('input', () => {
    onInput(input.value);
    suggest();
  });
  input.addEventListener('blur', list.close);
  input.addEventListener('keydown', (event) => {
    if (!list.isOpen()) {
      if (event.key === 'ArrowDown') return event.altKey ? showKeys() : onLeave();
      if (event.key !== 'Escape') return;
      input.value = '';
      return onInput('');
    }
    if (event.key === 'ArrowDown') list.mark(1);
    else if (event.key === 'ArrowUp') list.mark(-1);
    else if (event.key === 'Enter' && list.isMarked()) list.takeMarked();
    else if (event.key === 'Escape') list.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  help.addEventListener('mousedown', (event) => event.preventDefault());
  help.addEventListener('click', () => {
    const wasOpen = list.isOpen();
    input.focus();
    if (wasOpen) list.close();
    else showKeys();
  });

  return {
    element: element('div', 'filter filter-field', input, help, list.element),
    input,
    setProblem(id) {
      input.setAttribute('aria-invalid', String(id !== null));
      if (id === null) input.removeAttribute('aria-describedby');
      else input.setAttribute('aria-describedby', id);
    },
  };
}

function filterInput(): HTMLInputElement {
  const input = element('input', 'filter-input');
  setAttributes(input, {
    type: 'text', role: 'combobox', autocomplete: 'off', spellcheck: false, 'aria-label': l10n.t('Filter layers'),
    'aria-autocomplete': 'list',
  });
  input.placeholder = l10n.t('Filter: words, -words, op:Conv,Gemm, bits<8, sqnr<30, size>1MB, state:float');
  keepKeys(input);
  return input;
}

function helpButton(): HTMLElement {
  const help = element('button', 'bar-toggle filter-help', '?');
  setAttributes(help, { type: 'button', title: l10n.t('What a filter may say'), 'aria-label': l10n.t('What a filter may say') });
  return help;
}
