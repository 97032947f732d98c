import * as l10n from '@vscode/l10n';
import { element, keepKeys, setText } from './dom';
import { formatCount } from './numbers';
import type { Store } from './store';
import { textField } from './toolkit';

export interface FilterBar {
  element: HTMLElement;
  render(): void;
  focus(): void;
  clear(): void;
}

/** The filter's input and how many layers it leaves; Escape clears it, ArrowDown goes on to the table. */
export function createFilterBar(store: Store, focusTable: () => void): FilterBar {
  const { state } = store;
  const setFilter = (filter: string): void => store.update((changed) => {
    changed.filter = filter;
    changed.orderIsStale = true;
  });
  const example = l10n.t('Filter: words, -words, op:Conv,Gemm, bits<8, sqnr<30, size>1MB, state:float');
  const input = textField(l10n.t('Filter layers'), example, setFilter);
  input.title = [
    l10n.t('All parts must hold, those after a minus must not:'),
    l10n.t('words, op:Conv,Gemm, bits<8, sqnr<30, size>1MB, weights>1000, name:/regex/, state:float,planned,previewed,cannot'),
  ].join('\n');
  input.classList.add('filter');
  input.value = state.filter;
  keepKeys(input);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') focusTable();
    if (event.key === 'Escape') clear();
  });
  const clear = (): void => {
    input.value = '';
    setFilter('');
  };
  const problem = element('span', 'warning filter-problem');
  problem.setAttribute('aria-live', 'polite');
  const count = element('span', 'filter-count');
  count.setAttribute('role', 'status');

  return {
    element: element('div', 'filter-bar', input, count, problem),
    focus: () => input.focus(),
    clear,
    render() {
      setText(problem, state.filterProblems.join(' · '));
      setText(count, l10n.t('{0} of {1} layers', formatCount(state.order.length), formatCount(state.rows.size)));
    },
  };
}
