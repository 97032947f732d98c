import * as l10n from '@vscode/l10n';
import type { Problem } from '../core/errors';
import { problemText } from '../protocol/problemText';

/** What a row says of an entry that left its layer float. */
export function faultNote(problem: Problem): string {
  const { title, remedy } = problemText(problem);
  return l10n.t('the plan\'s entry cannot be used: {0}', [title, remedy].filter((part) => part !== '').join('. '));
}
