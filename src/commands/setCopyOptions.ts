import * as l10n from '@vscode/l10n';
import { window, type QuickPickItem } from 'vscode';
import { setCopyOptions } from '../core/plan/edits';
import { isReadOnly, readOnlyText } from '../editor/planFile';
import { notifications } from '../notifications';
import type { Services } from '../services';
import { openPick } from './openPick';
import { targetDocument } from './target';

/** Asks what is done to a copy beside quantizing its weights. */
export async function chooseCopyOptions(services: Services, argument: unknown): Promise<void> {
  const document = await targetDocument(services, argument);
  if (!document) return;
  if (isReadOnly(document.uri)) return void notifications.showInformationMessage(readOnlyText());
  const { biasCorrection = false, equalization = false } = document.plan.plan;
  const corrects = {
    label: l10n.t('Bias correction'), detail: l10n.t('Biases take up what quantization changes in the means of outputs'),
  };
  const equalizes = {
    label: l10n.t('Cross-layer equalization'),
    detail: l10n.t('Channels between two layers are scaled so that both layers\' ranges are alike'),
  };
  const pick = window.createQuickPick();
  pick.title = l10n.t('Copy Options');
  pick.placeholder = l10n.t('What a copy is to have');
  pick.canSelectMany = true;
  pick.items = [corrects, equalizes];
  pick.selectedItems = [...(biasCorrection ? [corrects] : []), ...(equalization ? [equalizes] : [])];
  const picked = await openPick<readonly QuickPickItem[]>(pick, (answer) => pick.onDidAccept(() => answer(pick.selectedItems)));
  if (picked) {
    document.edit(setCopyOptions(document.plan.plan, {
      biasCorrection: picked.includes(corrects), equalization: picked.includes(equalizes),
    }));
  }
  services.editors.activePage?.focusGrid();
}
