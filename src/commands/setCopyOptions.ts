import * as l10n from '@vscode/l10n';
import { window } from 'vscode';
import { setCopyOptions } from '../core/plan/edits';
import { isReadOnly } from '../editor/planFile';
import { notifications } from '../notifications';
import type { Services } from '../services';
import { readOnlyText, targetDocument } from './target';

/** Asks what is done to a copy beside quantizing its weights. */
export async function chooseCopyOptions(services: Services, argument: unknown): Promise<void> {
  const document = await targetDocument(services, argument);
  if (!document) return;
  if (isReadOnly(document.uri)) return void notifications.showInformationMessage(readOnlyText());
  const { biasCorrection = false, equalization = false } = document.plan.plan;
  const picked = await window.showQuickPick([
    {
      option: 'biasCorrection', picked: biasCorrection, label: l10n.t('Bias correction'),
      detail: l10n.t('Biases take up what quantization changes in the means of outputs'),
    },
    {
      option: 'equalization', picked: equalization, label: l10n.t('Cross-layer equalization'),
      detail: l10n.t('Channels between two layers are scaled so that both layers\' ranges are alike'),
    },
  ], { title: l10n.t('Copy Options'), placeHolder: l10n.t('What a copy is to have'), canPickMany: true });
  if (picked) {
    const wants = (option: string): boolean => picked.some((each) => each.option === option);
    document.edit(setCopyOptions(document.plan.plan, {
      biasCorrection: wants('biasCorrection'), equalization: wants('equalization'),
    }));
  }
  services.editors.activePage?.focusGrid();
}
