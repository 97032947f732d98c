import { layerKey, type Layer } from '../onnx/layer';
import { completeSettings, type PartialSettings, type PlannedLayer } from './layerSettings';

/**
 * What a team commits beside its model as `<model>.onnx.quant.json`: which layers are quantized, and how. Without
 * `defaults`, a layer that is not named stays float.
 */
export interface QuantizationPlan {
  version: 1;
  /** File name of the model, without folders. */
  model: string;
  defaults?: PlanEntry;
  /** What calibrated rounding is measured on. */
  calibration?: CalibrationData;
  /** Biases take up what quantization changes in the means of outputs. */
  biasCorrection?: boolean;
  /** Channels between two layers are scaled so that both layers' ranges are alike (cross-layer equalization). */
  equalization?: boolean;
  /**
   * By `layerKey`: the layer's name, or `scope::name` outside the main graph. A key may be any string a model's author
   * chose, `constructor` included: read it with `entryOf`.
   */
  layers: Record<string, PlanEntry>;
}

/** Order of an image's axes: channels first or last. */
export const LAYOUTS = ['nchw', 'nhwc'] as const;
export type ImageLayout = (typeof LAYOUTS)[number];

/** Inputs to run a model on, and how they are to be read. */
export interface CalibrationData {
  /** A `.npy`, `.npz` or IDX file; in a plan, relative to the plan's folder. */
  inputs: string;
  /** The first so many. */
  samples?: number;
  /** What values are multiplied by; when left out 1/255 for pixels given to a float input, 1 otherwise. */
  scale?: number;
  /** How images lie in the file; they are turned where the model's input lies the other way. */
  layout?: ImageLayout;
}

/** What a plan says of the copy beside each layer's settings. */
export type Tuning = Pick<QuantizationPlan, 'calibration' | 'biasCorrection' | 'equalization'>;
/** What is done to a copy beside quantizing its weights. */
export type CopyTuning = Pick<QuantizationPlan, 'biasCorrection' | 'equalization'>;

/** Calibration samples where a plan does not say. Diao et al. (Attention Round, 2022) take as many. */
export const DEFAULT_SAMPLES = 1024;

/** Settings over the plan's and the built-in defaults, or the layer left as it is. */
export type PlanEntry = PartialSettings | 'float';

export function planFileName(modelFileName: string): string {
  return `${modelFileName}.quant.json`;
}

/** A plan in which every layer stays float. */
export function emptyPlan(model: string): QuantizationPlan {
  return { version: 1, model, layers: {} };
}

/** What the plan says of one layer, or undefined when it does not name it. */
export function entryOf(plan: QuantizationPlan, key: string): PlanEntry | undefined {
  return Object.hasOwn(plan.layers, key) ? plan.layers[key] : undefined;
}

/**
 * The quantizable layers a plan quantizes, each with every setting decided: its entry over the plan's defaults over the
 * built-in ones. Layers left float, and those that cannot be quantized, are not among them; the plan's defaults do not reach
 * fixed transforms.
 */
export function resolvePlan(plan: QuantizationPlan, layers: readonly Layer[]): PlannedLayer[] {
  return plannedEntries(plan, layers).map(({ layer, settings }) => ({ layer, settings: completeSettings(settings) }));
}

/** The layers of `resolvePlan` with what the plan itself says of them: built-in defaults depend on it. */
export function plannedEntries(
  plan: QuantizationPlan, layers: readonly Layer[],
): { layer: number; settings: PartialSettings }[] {
  const defaults = plan.defaults ?? 'float';
  return layers.flatMap((layer) => {
    const entry = entryOf(plan, layerKey(layer)) ?? (layer.fixed ? 'float' : defaults);
    if (entry === 'float' || layer.quantizable !== true) return [];
    return [{ layer: layer.index, settings: overDefaults(plan, entry) }];
  });
}

/**
 * An entry over the plan's defaults. A mode belongs to its method, and reconstruction to SubsetQ: an entry of another method
 * does not inherit them.
 */
export function overDefaults({ defaults = 'float' }: QuantizationPlan, entry: PartialSettings): PartialSettings {
  if (defaults === 'float') return entry;
  const { mode, rounding, ...others } = defaults;
  const isOtherMethod = entry.method !== undefined && entry.method !== defaults.method;
  return {
    ...others,
    ...(mode !== undefined && !isOtherMethod && { mode }),
    ...(rounding !== undefined && !(isOtherMethod && rounding === 'reconstruction') && { rounding }),
    ...entry,
  };
}
