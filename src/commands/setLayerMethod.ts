import * as l10n from '@vscode/l10n';
import { layerKey } from '../core/onnx/layer';
import { setMethod, setSettings } from '../core/plan/edits';
import { METHODS, nearestSettings, scopeOf, type MethodId, type PartialSettings } from '../core/plan/layerSettings';
import { settingsAfter } from '../editor/settingsAfter';
import { notifications } from '../notifications';
import { methodName } from '../protocol/methodName';
import { roundingName } from '../protocol/roundingName';
import type { Services } from '../services';
import { measuredPick } from './measuredPick';
import { offerCalibration } from './offerCalibration';
import { bitsName, granularityName, type Choice } from './settingChoices';
import { targetLayersToEdit, type LayerTarget } from './target';

/** The command that sets one method: menus carry no arguments, so there is one for each. */
export function setLayerMethod(method: MethodId): (services: Services, argument: unknown) => void {
  return (services, argument) => {
    const target = targetLayersToEdit(services, argument);
    if (!target) return;
    applyMethod(target, method);
    target.returnFocus();
  };
}

/** Asks for the method, showing what each would lose. */
export async function chooseLayerMethod(services: Services, argument: unknown): Promise<void> {
  const target = targetLayersToEdit(services, argument);
  if (!target) return;
  const choice = await measuredPick(services, target, {
    title: l10n.t('Set Quantizer'), position: null, decided: {}, choices: choicesFor(target),
  });
  if (choice !== undefined && choice !== 'back' && choice.method !== undefined) {
    if (choice.mode === undefined) applyMethod(target, choice.method);
    else applyMode(target, choice);
  }
  target.returnFocus();
}

/** Every method, and N2UQ with thresholds learned on calibration data, too, at the first layer's width and granularity or the nearest to them, which the label says then. */
function choicesFor({ document: { plan: { plan } }, layers: [layer] }: LayerTarget): Choice[] {
  const planned = settingsAfter(plan, layer, {});
  return METHODS.flatMap((method) => {
    const nearest = nearestSettings(method, planned);
    const label = [
      methodName(method),
      ...(nearest.bits === planned.bits ? [] : [bitsName(nearest.bits)]),
      ...(nearest.granularity === planned.granularity ? [] : [granularityName(nearest.granularity)]),
    ].join(', ');
    const { modes } = scopeOf(method, nearest.bits);
    if (!modes.includes('calibrated')) return { label, settings: { method, ...nearest } };
    const isLearned = planned.mode === 'calibrated';
    return [
      { label, settings: isLearned ? { method, mode: modes[0]! } : { method, ...nearest } },
      { label: `${label}, ${roundingName('calibrated')}`, settings: { method, mode: 'calibrated', rounding: 'nearest' } },
    ];
  });
}

/** Modes go with methods that take every width and granularity. */
function applyMode({ document, layers }: LayerTarget, settings: PartialSettings): void {
  const { plan } = document.plan;
  document.edit(setSettings(plan, layers.map(layerKey), settings));
  if (settings.mode === 'calibrated' && !plan.calibration) offerCalibration(document.uri, roundingName('calibrated'));
}

function applyMethod({ document, model: { planFeed }, layers }: LayerTarget, method: MethodId): void {
  const adjusted = layers.flatMap(({ index }) => {
    const planned = planFeed.settingsOf(index);
    const nearest = planned && nearestSettings(method, planned);
    return nearest && (nearest.bits !== planned.bits || nearest.granularity !== planned.granularity) ? [nearest] : [];
  });
  document.edit(setMethod(document.plan.plan, layers.map(layerKey), method));
  if (adjusted.length === 0) return;
  const now = new Set(adjusted.map(({ bits, granularity }) => `${bitsName(bits)}, ${granularityName(granularity)}`));
  void notifications.showInformationMessage(l10n.t(
    '{0} does not take all that was planned. Layers that changed with it: {1} of {2} ({3}).',
    methodName(method), adjusted.length, layers.length, [...now].join('; '),
  ));
}
