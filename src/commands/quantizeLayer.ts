import * as l10n from '@vscode/l10n';
import { layerKey } from '../core/onnx/layer';
import { setSettings } from '../core/plan/edits';
import type { PartialSettings } from '../core/plan/layerSettings';
import type { Services } from '../services';
import { measuredPick } from './measuredPick';
import { bitsChoices, granularityChoices, methodChoices } from './settingChoices';
import { targetLayersToEdit, type LayerTarget } from './target';

/** Asks for method, bit width and granularity one after the other, each choice with its measured error. */
export async function quantizeLayer(services: Services, argument: unknown): Promise<void> {
  const target = targetLayersToEdit(services, argument);
  if (!target) return;
  const settings = await askForSettings(services, target);
  const { document, layers, page } = target;
  if (settings) document.edit(setSettings(document.plan.plan, layers.map(layerKey), settings));
  page.focusGrid();
}

/** Undefined when dismissed. */
async function askForSettings(services: Services, target: LayerTarget): Promise<PartialSettings | undefined> {
  const steps = [
    { title: l10n.t('Quantize Layer: Method'), choices: methodChoices() },
    { title: l10n.t('Quantize Layer: Bit Width'), choices: bitsChoices() },
    { title: l10n.t('Quantize Layer: Granularity'), choices: granularityChoices() },
  ];
  const chosen: PartialSettings[] = [];
  while (chosen.length < steps.length) {
    const position = { step: chosen.length + 1, of: steps.length };
    const choice = await measuredPick(services, target, { ...steps[chosen.length]!, position, decided: merged(chosen) });
    if (choice === undefined) return undefined;
    if (choice === 'back') chosen.pop();
    else chosen.push(choice);
  }
  return merged(chosen);
}

function merged(settings: readonly PartialSettings[]): PartialSettings {
  return settings.reduce<PartialSettings>((all, part) => ({ ...all, ...part }), {});
}
