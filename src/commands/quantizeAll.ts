import * as l10n from '@vscode/l10n';
import { window } from 'vscode';
import { setDefaults } from '../core/plan/edits';
import { BIT_WIDTHS, type LayerSettings } from '../core/plan/layerSettings';
import { isReadOnly } from '../editor/planFile';
import type { Services } from '../services';
import { bitsName, granularityName, OFFERED_GRANULARITIES } from './settingChoices';
import { readOnlyText, targetDocument } from './target';

/** Sets what the plan says of all layers that it does not name. */
export async function quantizeAll(services: Services, argument: unknown): Promise<void> {
  const document = await targetDocument(services, argument);
  if (!document) return;
  if (isReadOnly(document.uri)) return void window.showInformationMessage(readOnlyText());
  const settings = await askForDefaults();
  if (settings) document.edit(setDefaults(document.plan.plan, { method: 'uniform', ...settings }));
  services.editors.activePage?.focusGrid();
}

/** Undefined when dismissed. */
async function askForDefaults(): Promise<Pick<LayerSettings, 'bits' | 'granularity'> | undefined> {
  const title = l10n.t('Quantize All Layers');
  const bits = await window.showQuickPick(
    BIT_WIDTHS.toReversed().map((value) => ({ label: bitsName(value), value })),
    { title, placeHolder: l10n.t('Bit width of all layers; those that were set one by one keep theirs') },
  );
  if (!bits) return undefined;
  const granularity = await window.showQuickPick(
    OFFERED_GRANULARITIES.map((value) => ({ label: granularityName(value), value })),
    { title, placeHolder: l10n.t('What shares one scale: an output channel, the whole tensor, or a block of inputs') },
  );
  return granularity && { bits: bits.value, granularity: granularity.value };
}
