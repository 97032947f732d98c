import * as l10n from '@vscode/l10n';
import { element, setText } from './dom';
import { createFilterField } from './filterField';
import { formatCount } from './numbers';
import type { Store } from './store';

const PROBLEM_ID = 'filter-problem';

export interface FilterBar {
  element: HTMLElement;
  render(): void;
  /** What stands in the field is selected, so that typing replaces it. */
  focus(): void;
  clear(): void;
}

/** The filter, what of it is not understood, how many layers it leaves, and `actions` beside that. */
export function createFilterBar(store: Store, actions: HTMLElement, focusTable: () => void): FilterBar {
  const { state } = store;
  const setFilter = (filter: string): void => store.update((changed) => {
    changed.filter = filter;
    changed.orderIsStale = true;
  });
  const field = createFilterField({ rows: () => state.rows.values(), onInput: setFilter, onLeave: focusTable });
  field.input.value = state.filter;
  const problem = element('span', 'warning filter-problem');
  problem.id = PROBLEM_ID;
  problem.setAttribute('aria-live', 'polite');
  const count = element('span', 'filter-count');
  count.setAttribute('role', 'status');

  return {
    element: element('div', 'filter-bar', field.element, count, actions, problem),
    focus() {
      field.input.focus();
      field.input.select();
    },
    clear() {
      field.input.value = '';
      setFilter('');
    },
    render() {
      const problems = state.filterProblems;
      setText(problem, problems.join(' · '));
      field.setProblem(problems.length > 0 ? PROBLEM_ID : null);
      setText(count, l10n.t('{0} of {1} layers', formatCount(state.order.length), formatCount(state.rows.size)));
    },
  };
}
