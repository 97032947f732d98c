import * as l10n from '@vscode/l10n';
import { layerKey } from '../core/onnx/layer';
import { checkSettings } from '../core/plan/checkSettings';
import { setRounding } from '../core/plan/edits';
import { ROUNDINGS, type RoundingId } from '../core/plan/layerSettings';
import { settingsAfter } from '../editor/settingsAfter';
import { notifications } from '../notifications';
import { roundingName } from '../protocol/roundingName';
import type { Services } from '../services';
import { measuredPick } from './measuredPick';
import { offerCalibration } from './offerCalibration';
import { targetLayersToEdit, type LayerTarget } from './target';

/** The command that sets one rounding: menus carry no arguments, so there is one for each. */
export function setLayerRounding(rounding: RoundingId): (services: Services, argument: unknown) => void {
  return (services, argument) => {
    const target = targetLayersToEdit(services, argument);
    if (!target) return;
    applyRounding(target, rounding);
    target.returnFocus();
  };
}

/** Asks for the rounding, of those that the first layer's quantizer takes, showing what each would lose. */
export async function chooseLayerRounding(services: Services, argument: unknown): Promise<void> {
  const target = targetLayersToEdit(services, argument);
  if (!target) return;
  const [first] = target.layers;
  const choices = ROUNDINGS.filter((rounding) => takes(target, first, rounding))
    .map((rounding) => ({ label: roundingName(rounding), settings: { rounding } }));
  const choice = await measuredPick(services, target, {
    title: l10n.t('Set Rounding'), position: null, decided: {}, choices, measuresOutputs: true,
  });
  if (choice !== undefined && choice !== 'back' && choice.rounding !== undefined) applyRounding(target, choice.rounding);
  target.returnFocus();
}

/** Rounds the layers so whose quantizers take it; what else there is to do is said. */
function applyRounding(target: LayerTarget, rounding: RoundingId): void {
  const { document, layers } = target;
  const { plan } = document.plan;
  const fitting = layers.filter((layer) => takes(target, layer, rounding));
  if (fitting.length < layers.length) {
    void notifications.showInformationMessage(l10n.t(
      '{0} does not go with the planned quantizer of {1} of {2} layers. These stay as they are.',
      roundingName(rounding), layers.length - fitting.length, layers.length,
    ));
  }
  if (fitting.length === 0) return;
  document.edit(setRounding(plan, fitting.map(layerKey), rounding));
  if (rounding !== 'nearest' && !plan.calibration) offerCalibration(document.uri, roundingName(rounding));
}

function takes({ document }: LayerTarget, layer: LayerTarget['layers'][number], rounding: RoundingId): boolean {
  const settings = settingsAfter(document.plan.plan, layer, { rounding });
  return settings.rounding === rounding && checkSettings(settings, {}) === null;
}
