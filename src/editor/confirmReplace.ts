import * as l10n from '@vscode/l10n';
import { notifications } from '../notifications';

/** Asks before a file is replaced, in a dialog that has to be answered. */
export async function confirmReplace(fileName: string, detail: string): Promise<boolean> {
  const replace = l10n.t('Replace');
  const choice = await notifications.showWarningMessage(l10n.t('Replace {0}?', fileName), { modal: true, detail }, replace);
  return choice === replace;
}
