import { channelsOf, forEachRun, gather, scatter } from './assignment/channels';
import { assignNearest } from './assignment/nearest';
import { storedLevels } from './encodings/storedLevels';
import { CoreError } from './errors';
import { throwIfCancelled, type CancelSignal } from './job';
import { addErrors, errorMeasures, noErrors, type ErrorMeasures, type ErrorSums, type Prediction } from './metrics/errorMeasures';
import { predictedMse } from './metrics/laplacianDistortion';
import type { FloatArray } from './onnx/dataType';
import type { Layer } from './onnx/layer';
import type { LayerSettings } from './plan/layerSettings';
import { QUANTIZERS } from './quantizers';
import type { Codebook } from './quantizers/codebook';
import { normalizerFor } from './quantizers/normalizer';
import type { WeightGroup } from './quantizers/quantizer';
import { blockRanges, blocksOf } from './statistics/blocks';
import { momentsOf, type Moments } from './statistics/moments';
import { median } from './statistics/orderStatistics';

type QuantizableLayer = Pick<Layer, 'dims' | 'channelAxis' | 'dtype' | 'name'>;

/** A layer's weights as codes, and what the codes stand for. */
export interface QuantizedLayer {
  /** In the order of the weights. */
  codes: Uint8Array;
  /** One, or one for each channel of `axis`. */
  codebooks: Codebook[];
  /** Of each codebook, the levels as they are stored: what ONNX Runtime will compute. */
  levels: Float32Array[];
  /** The channel axis, or null where one codebook serves the tensor. */
  axis: number | null;
  error: ErrorMeasures;
  /** From which the error of several layers together follows. */
  sums: ErrorSums;
}

export interface QuantizeContext {
  /** Over the weights of all quantizable layers; needed by `normalize: model`. */
  modelMoments?: Moments;
  signal?: CancelSignal;
}

/**
 * Quantizes one layer in memory. Preview, export and command line all call it. A layer without a channel axis is
 * quantized per tensor even where settings say per channel, so that one default fits a whole model.
 *
 * @throws CoreError `not-quantizable` with reason `empty`, `not-finite` or `dtype-not-supported`; `cancelled`
 */
export function quantizeLayer(
  weights: FloatArray, layer: QuantizableLayer, settings: LayerSettings, { modelMoments, signal }: QuantizeContext = {},
): QuantizedLayer {
  const place = { tensor: layer.name };
  if (weights.length === 0) throw new CoreError('not-quantizable', place, { reason: 'empty' });
  if (settings.normalize === 'model' && !modelMoments) throw new CoreError('internal', place, { missing: 'modelMoments' });

  const dtype = storedType(layer);
  const axis = settings.granularity === 'channel' ? layer.channelAxis : null;
  const channels = channelsOf(layer.dims, axis, weights.length);
  const scratch = axis === null ? weights : weights.slice(0, weights.length / channels.count);
  const channelCodes = new Uint8Array(scratch.length);

  const codes = new Uint8Array(weights.length);
  const codebooks: Codebook[] = [];
  const levels: Float32Array[] = [];
  const sums = noErrors();
  const predicted: Prediction = { signal: 0, noise: 0 };

  for (let channel = 0; channel < channels.count; channel++) {
    throwIfCancelled(signal);
    if (axis !== null) gather(weights, channels, channel, scratch);
    const group = weightGroup(scratch, layer, signal);
    const normalizer = normalizerFor(settings.normalize, group.moments, modelMoments ?? group.moments);
    const codebook = QUANTIZERS[settings.method].design(group, settings, normalizer);
    const stored = storedLevels(codebook, dtype);
    encode(scratch, codebook, stored, channelCodes, sums, signal);
    addPrediction(predicted, group, codebook, stored);
    scatter(channelCodes, channels, channel, codes);
    codebooks.push(codebook);
    levels.push(stored);
  }
  return { codes, codebooks, levels, axis, error: errorMeasures(sums, predicted), sums };
}

/** The weights a copy will hold, as float32. */
export function dequantized({ codes, levels, axis }: QuantizedLayer, { dims }: Pick<Layer, 'dims'>): Float32Array {
  const channels = channelsOf(dims, axis, codes.length);
  const weights = new Float32Array(codes.length);
  for (let channel = 0; channel < channels.count; channel++) {
    const own = levels[channel] as Float32Array;
    forEachRun(channels, channel, (start, end) => {
      for (let i = start; i < end; i++) weights[i] = own[codes[i] as number] as number;
    });
  }
  return weights;
}

/** bfloat16 and wider floats would need casts of their own in a copy; float64 takes float32 levels without change. */
function storedType({ dtype, name }: QuantizableLayer): 'float32' | 'float16' {
  if (dtype === 'float16') return 'float16';
  if (dtype === 'float32' || dtype === 'float64') return 'float32';
  throw new CoreError('not-quantizable', { tensor: name }, { reason: 'dtype-not-supported' });
}

function weightGroup(weights: FloatArray, { name }: QuantizableLayer, signal: CancelSignal | undefined): WeightGroup {
  const moments = momentsOf(blocksOf(weights), signal);
  if (moments.count < weights.length) throw new CoreError('not-quantizable', { tensor: name }, { reason: 'not-finite' });
  const location = median(weights, signal);
  let deviation = 0;
  for (let i = 0; i < weights.length; i++) deviation += Math.abs((weights[i] as number) - location);
  return { weights, moments, laplace: { location, scale: deviation / weights.length } };
}

/** Assigns codes and adds up their errors. */
function encode(
  weights: FloatArray, codebook: Codebook, levels: Float32Array, codes: Uint8Array, sums: ErrorSums,
  signal: CancelSignal | undefined,
): void {
  for (const [start, end] of blockRanges(weights.length)) {
    throwIfCancelled(signal);
    const block = weights.subarray(start, end);
    const blockCodes = codes.subarray(start, end);
    assignNearest(block, codebook, blockCodes);
    addErrors(sums, block, blockCodes, levels);
  }
}

/** Second moment and error that the group's Laplacian fit predicts; b² · 2 + location² is its raw second moment. */
function addPrediction(predicted: Prediction, { weights, laplace }: WeightGroup, { thresholds }: Codebook, levels: Float32Array) {
  predicted.signal += weights.length * (2 * laplace.scale ** 2 + laplace.location ** 2);
  predicted.noise += weights.length * predictedMse({ levels, thresholds }, laplace);
}
