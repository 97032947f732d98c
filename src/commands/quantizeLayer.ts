import * as l10n from '@vscode/l10n';
import { layerKey } from '../core/onnx/layer';
import { setSettings } from '../core/plan/edits';
import type { Services } from '../services';
import { askSteps, type PromptStep } from './askSteps';
import { measuredPick } from './measuredPick';
import { bitsChoices, granularityChoices, methodChoices } from './settingChoices';
import { targetLayersToEdit } from './target';

/** Asks for method, bit width and granularity one after the other, each choice with its measured error. */
export async function quantizeLayer(services: Services, argument: unknown): Promise<void> {
  const target = targetLayersToEdit(services, argument);
  if (!target) return;
  const settings = await askSteps(steps(), (prompt) => measuredPick(services, target, prompt));
  const { document, layers, returnFocus } = target;
  if (settings) document.edit(setSettings(document.plan.plan, layers.map(layerKey), settings));
  returnFocus();
}

function steps(): PromptStep[] {
  return [
    { title: l10n.t('Quantize Layer: Method'), choices: methodChoices },
    { title: l10n.t('Quantize Layer: Bit Width'), choices: bitsChoices },
    { title: l10n.t('Quantize Layer: Granularity'), choices: granularityChoices },
  ];
}
