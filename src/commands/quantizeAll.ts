import { basename } from 'node:path/posix';
import * as l10n from '@vscode/l10n';
import { layerKey } from '../core/onnx/layer';
import { setAll } from '../core/plan/edits';
import { BIT_WIDTHS, completeSettings, type LayerSettings } from '../core/plan/layerSettings';
import { entryOf } from '../core/plan/plan';
import type { ModelDocument } from '../editor/modelDocument';
import { isReadOnly, readOnlyText } from '../editor/planFile';
import { notifications } from '../notifications';
import type { Services } from '../services';
import { pickOne } from './pickOne';
import { bitsName, granularityName, OFFERED_GRANULARITIES } from './settingChoices';
import { targetDocument } from './target';

/** Sets what the plan says of all layers that it does not name, and of those it names if that is wanted. */
export async function quantizeAll(services: Services, argument: unknown): Promise<void> {
  const document = await targetDocument(services, argument);
  if (!document) return;
  if (isReadOnly(document.uri)) return void notifications.showInformationMessage(readOnlyText());
  if (!document.canQuantize) {
    return void notifications.showInformationMessage(l10n.t('No layer of {0} can be quantized.', basename(document.uri.path)));
  }
  await askAndSet(document);
  services.editors.activePage?.focusGrid();
}

async function askAndSet(document: ModelDocument): Promise<void> {
  const settings = await askForDefaults(document);
  if (!settings) return;
  const own = namedLayers(document);
  const replaced = own.length === 0 ? [] : await askForReplaced(own);
  if (replaced) document.edit(setAll(document.plan.plan, replaced, { method: 'uniform', ...settings }));
}

/** Undefined when dismissed. */
async function askForDefaults({ plan: { plan } }: ModelDocument): Promise<Pick<LayerSettings, 'bits' | 'granularity'> | undefined> {
  const now = completeSettings(plan.defaults === undefined || plan.defaults === 'float' ? {} : plan.defaults);
  const bits = await pickOne({
    title: title(),
    placeHolder: l10n.t('Bit width of all layers'),
    items: BIT_WIDTHS.map((value) => ({ label: bitsName(value), value })),
    active: now.bits,
  });
  if (!bits) return undefined;
  const granularity = await pickOne({
    title: title(),
    placeHolder: l10n.t('What shares one scale: an output channel, the whole tensor, or a block of inputs'),
    items: OFFERED_GRANULARITIES.map((value) => ({ label: granularityName(value), value })),
    active: now.granularity,
  });
  return granularity && { bits, granularity };
}

/** Keys of the layers whose own settings are to go: all or none. Undefined when dismissed. */
function askForReplaced(own: string[]): Promise<string[] | undefined> {
  return pickOne({
    title: title(),
    placeHolder: own.length === 1
      ? l10n.t('Also replace the settings of {0}, which has its own?', own[0]!)
      : l10n.t('Also replace the settings of the {0} layers that have their own?', own.length),
    items: [{ label: l10n.t('Keep Theirs'), value: [] }, { label: l10n.t('Replace All'), value: own }],
  });
}

/** Keys of the layers that can be quantized and that the plan names. */
function namedLayers({ host, plan: { plan } }: ModelDocument): string[] {
  const layers = host.model?.summary.layers ?? [];
  return layers.filter(({ quantizable }) => quantizable === true).map(layerKey).filter((key) => entryOf(plan, key) !== undefined);
}

function title(): string {
  return l10n.t('Quantize All Layers');
}
