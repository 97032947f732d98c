import * as l10n from '@vscode/l10n';
import type { CompareState } from './compareState';
import { element, keepKeys, setText } from './dom';
import { formatCount } from './numbers';
import type { Store } from './store';
import { checkbox, textField } from './toolkit';

export interface CompareBar {
  element: HTMLElement;
  render(): void;
  /** What stands in the field is selected, so that typing replaces it. */
  focus(): void;
  /** Shows all rows again. */
  clear(): void;
}

/** Filter, "changes only" and tolerance. Escape clears the filter, ArrowDown goes on to the table. */
export function createCompareBar(
  store: Store<CompareState>, setTolerance: (tolerance: number) => void, focusTable: () => void,
): CompareBar {
  const { state } = store;
  const show = (shown: Partial<Pick<CompareState, 'filter' | 'changesOnly'>>): void => store.update((changed) => {
    Object.assign(changed, shown, { orderIsStale: true });
  });
  const filter = textField(l10n.t('Filter layers'), l10n.t('Filter: words, -words'), (text) => show({ filter: text }));
  filter.classList.add('filter');
  filter.title = l10n.t('Words of names, operators, types and states; those after a minus must not occur');
  filter.value = state.filter;
  keepKeys(filter);
  const clear = (): void => {
    filter.value = '';
    changes.checked = false;
    show({ filter: '', changesOnly: false });
  };
  filter.addEventListener('keydown', ({ key }) => {
    if (key === 'ArrowDown') focusTable();
    if (key !== 'Escape') return;
    filter.value = '';
    show({ filter: '' });
  });
  const changes = checkbox(l10n.t('Changes only'), (changesOnly) => show({ changesOnly }));
  changes.checked = state.changesOnly;
  const tolerance = createTolerance(state, setTolerance);
  const count = element('span', 'filter-count');
  count.setAttribute('role', 'status');
  return {
    element: element('div', 'filter-bar', filter, changes, tolerance.element, count),
    focus() {
      filter.focus();
      filter.control.select();
    },
    clear,
    render() {
      tolerance.render();
      setText(count, l10n.t('{0} of {1} layers', formatCount(state.order.length), formatCount(state.rows.size)));
    },
  };
}

/** A number from 0 on, taken on Enter and when the field is left; anything else is marked and changes nothing. */
function createTolerance(
  state: Readonly<CompareState>, setTolerance: (tolerance: number) => void,
): Pick<CompareBar, 'element' | 'render'> {
  const label = l10n.t('Tolerance');
  const hint = l10n.t('Weights that differ by no more count as equal: a number from 0 on, such as 1e-6');
  const problem = element('span', 'warning tolerance-problem');
  problem.setAttribute('aria-live', 'polite');
  const field = textField(label, '0', () => check());
  field.classList.add('tolerance');
  field.title = hint;
  keepKeys(field);
  const valueOf = (): number | null => {
    const value = field.value.trim() === '' ? 0 : Number(field.value);
    return Number.isFinite(value) && value >= 0 ? value : null;
  };
  const check = (): void => setText(problem, valueOf() === null ? l10n.t('a number from 0 on is needed') : '');
  const take = (): void => {
    const value = valueOf();
    if (value !== null && value !== state.tolerance) setTolerance(value);
  };
  field.addEventListener('change', take);
  let shown: number | null = null;
  return {
    element: element('span', 'tolerance-field', element('span', 'facts', label), field, problem),
    render() {
      if (shown === state.tolerance) return;
      shown = state.tolerance;
      field.value = String(shown);
      check();
    },
  };
}
