import * as l10n from '@vscode/l10n';
import { window } from 'vscode';
import { setDefaults } from '../core/plan/edits';
import { BIT_WIDTHS, GRANULARITIES } from '../core/plan/layerSettings';
import { isReadOnly } from '../editor/planFile';
import type { Services } from '../services';
import { bitsName, granularityName } from './settingChoices';
import { readOnlyText, targetDocument } from './target';

/** Sets what the plan says of all layers that it does not name. */
export async function quantizeAll(services: Services, argument: unknown): Promise<void> {
  const document = await targetDocument(services, argument);
  if (!document) return;
  if (isReadOnly(document.uri)) return void window.showInformationMessage(readOnlyText());
  const title = l10n.t('Quantize All Layers');
  const bits = await window.showQuickPick(
    BIT_WIDTHS.toReversed().map((value) => ({ label: bitsName(value), value })),
    { title, placeHolder: l10n.t('Bit width of all layers; those that were set one by one keep theirs') },
  );
  if (!bits) return;
  const granularity = await window.showQuickPick(
    GRANULARITIES.toReversed().map((value) => ({ label: granularityName(value), value })),
    { title, placeHolder: l10n.t('One scale for each output channel, or one for the whole tensor') },
  );
  if (!granularity) return;
  const settings = { bits: bits.value, granularity: granularity.value };
  document.edit(setDefaults(document.plan.plan, { method: 'uniform', ...settings }));
}
