import * as l10n from '@vscode/l10n';
import { element, keepKeys, setText } from './dom';
import { formatCount } from './numbers';
import type { Store } from './store';
import { textField } from './toolkit';

export interface FilterBar {
  element: HTMLElement;
  render(): void;
  focus(): void;
}

/** The filter's input and how many layers it leaves; Escape clears it, ArrowDown goes on to the table. */
export function createFilterBar(store: Store, focusTable: () => void): FilterBar {
  const { state } = store;
  const setFilter = (filter: string): void => store.update((changed) => {
    changed.filter = filter;
    changed.orderIsStale = true;
  });
  const example = l10n.t('Filter: words, op:Conv, bits<8, sqnr<30, size>1MB, name:/regex/, state:float');
  const input = textField(l10n.t('Filter layers'), example, setFilter);
  input.classList.add('filter');
  input.value = state.filter;
  keepKeys(input);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') focusTable();
    if (event.key !== 'Escape') return;
    input.value = '';
    setFilter('');
  });
  const problem = element('span', 'warning filter-problem');
  const count = element('span', 'filter-count');
  count.setAttribute('role', 'status');

  return {
    element: element('div', 'filter-bar', input, problem, count),
    focus: () => input.focus(),
    render() {
      setText(problem, state.filterProblems.join(' · '));
      setText(count, l10n.t('{0} of {1} layers', formatCount(state.order.length), formatCount(state.rows.size)));
    },
  };
}
