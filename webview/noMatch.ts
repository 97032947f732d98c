import * as l10n from '@vscode/l10n';
import { element } from './dom';
import { button } from './toolkit';

/** What stands in place of the rows when the filter leaves none. */
export function createNoMatch(clearFilter: () => void): HTMLElement {
  return element('section', 'no-match',
    element('p', '', l10n.t('No layer matches the filter.')),
    button(l10n.t('Clear Filter'), 'secondary', clearFilter));
}
