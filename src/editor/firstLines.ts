import * as l10n from '@vscode/l10n';

/** More than a notification shows without being opened. */
const SHOWN = 3;

/** The first of several sentences, and how many more the log has. */
export function firstLines(lines: readonly string[]): string {
  const left = lines.length - SHOWN;
  return [...lines.slice(0, SHOWN), ...(left > 0 ? [l10n.t('And {0} more: see the log.', left)] : [])].join(' ');
}
