import { checkSettings } from '../core/plan/checkSettings';
import type { Layer } from '../core/onnx/layer';
import { uncalibrated } from '../core/plan/calibrationSettings';
import { METHODS, scopeOf, type LayerSettings, type MethodId } from '../core/plan/layerSettings';
import type { QuantizationPlan } from '../core/plan/plan';
import type { Detail, LayerInputs, ModelLocation, TriedLayer, TriedSettings } from '../protocol/coreService';
import type { CurvePoint, HostMessage } from '../protocol/page';
import type { CoreClient } from '../workers/coreClient';
import type { CalibrationFeed } from './calibrationFeed';
import { curveProblem, forPage, keyOf, type Question, type Step } from './question';
import { settingsAfter } from './settingsAfter';

/** Multiplications that measuring a layer's outputs may take for one setting: some forty settings are measured, one after the other. */
const QUICK_PRODUCTS = 2 ** 28;

/** What a layer is multiplied by, and which of its captures that is. */
export interface Inputs {
  inputs: LayerInputs;
  capture: number;
}

/** Where measuring outputs of all settings is quick. */
export function quickInputs(calibration: CalibrationFeed, layer: number): Inputs | null {
  const inputs = calibration.inputsOf(layer);
  if (!inputs || inputs.matrix.rows * inputs.matrix.columns ** 2 > QUICK_PRODUCTS) return null;
  return { inputs, capture: calibration.captures };
}

/**
 * Every method at every width it takes, in the layer's granularity where the method allows it, or per tensor; what else the
 * plan says of the layer is kept, but that weights are rounded to nearest.
 */
export function settingsToTry(plan: QuantizationPlan, layer: Layer, perTensor: boolean): LayerSettings[] {
  const wanted = perTensor ? 'tensor' : settingsAfter(plan, layer, {}).granularity;
  return METHODS.flatMap((method) => scopeOf(method, 8).bits.map((bits) => {
    const { granularities } = scopeOf(method, bits);
    const granularity = granularities.includes(wanted) ? wanted : 'tensor';
    return uncalibrated(settingsAfter(plan, layer, { method, bits, granularity }));
  })).filter((settings) => checkSettings(settings, {}) === null);
}

/**
 * SQNR of these settings, a method a call: first approximately, then over all weights, and with `measured` inputs of the
 * layer's outputs. What is planned comes first.
 */
export function methodCurves(
  core: CoreClient, location: ModelLocation, layer: Layer, settings: readonly LayerSettings[], measured: Inputs | null = null,
): Question {
  const points = new Map<LayerSettings, CurvePoint>();
  const missing = new Set(settings);
  const unconfirmed = new Set(settings);
  let answer: HostMessage | null = null;

  const take = (asked: readonly LayerSettings[], isFinal: boolean, { detail, weights, tried }: TriedLayer): void => {
    for (const each of asked) {
      missing.delete(each);
      if (isFinal) unconfirmed.delete(each);
      const found = tried.find((one) => one.settings.method === each.method && one.settings.bits === each.bits);
      if (found) points.set(each, pointOf(found, detail === 'exact' ? null : weights));
    }
    const known = settings.flatMap((each) => points.get(each) ?? []);
    answer = { type: 'methodCurves', curves: { index: layer.index, points: known } };
  };
  const step = (asked: readonly LayerSettings[], detail: Detail): Step => ({
    confirms: detail === 'exact',
    async run(options) {
      const outcome = await core.tryLayer(location, layer.index, [...asked], detail, measured?.inputs, options);
      if (options.signal.aborted) return;
      if (!outcome.ok) {
        answer = curveProblem('methodCurves', layer.index, outcome.problem);
        return;
      }
      // A small layer's weights are exact at the first call, which measures no outputs.
      const isFinal = detail === 'exact' || (outcome.value.detail === 'exact' && !measured);
      take(asked, isFinal, outcome.value);
    },
  });

  return {
    layer: layer.index,
    key: `methodCurves ${layer.index} ${measured?.capture ?? ''} ${keyOf(settings)}`,
    get answer() {
      return answer;
    },
    next(planned) {
      if (answer?.type === 'curveProblem') return null;
      const useful = byUse(settings, planned);
      const first = useful.find((each) => missing.has(each));
      if (first) return step(ofMethod(missing, first.method), 'approximate');
      const [best] = useful;
      if (best && isPlanned(best, planned) && unconfirmed.has(best)) return step([best], 'exact');
      const next = useful.find((each) => unconfirmed.has(each));
      return next ? step(ofMethod(unconfirmed, next.method), 'exact') : null;
    },
  };
}

/** What is planned, then its method, then the others. */
function byUse(settings: readonly LayerSettings[], planned: LayerSettings | undefined): LayerSettings[] {
  const use = (each: LayerSettings): number => (isPlanned(each, planned) ? 0 : each.method === planned?.method ? 1 : 2);
  return [...settings].sort((a, b) => use(a) - use(b));
}

function isPlanned({ method, bits }: LayerSettings, planned: LayerSettings | undefined): boolean {
  return method === planned?.method && bits === planned.bits;
}

function ofMethod(settings: Iterable<LayerSettings>, method: MethodId): LayerSettings[] {
  return [...settings].filter((each) => each.method === method);
}

function pointOf({ settings, sqnrDb, predictedSqnrDb, outputSqnrDb, notSmaller }: TriedSettings, sampled: number | null): CurvePoint {
  const { method, bits, granularity } = settings;
  return {
    method, bits, granularity, sampled, sqnrDb: forPage(sqnrDb), predictedSqnrDb: forPage(predictedSqnrDb),
    ...(outputSqnrDb !== undefined && { outputSqnrDb: forPage(outputSqnrDb) }),
    ...(notSmaller && { notSmaller }),
  };
}
