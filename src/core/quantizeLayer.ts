import { forEachRun, gather, groupCount, largestGroup, scatter, type Groups } from './assignment/groups';
import { layerGroups, type GroupedLayer } from './assignment/layerGroups';
import { assignNearest } from './assignment/nearest';
import { storedCodebook, storedLevels } from './encodings/storedLevels';
import { CoreError } from './errors';
import { throwIfCancelled, type CancelSignal } from './job';
import { addErrors, errorMeasures, noErrors, type ErrorMeasures, type ErrorSums, type Prediction } from './metrics/errorMeasures';
import { predictedMse } from './metrics/laplacianDistortion';
import { isFloatType, type FloatArray, type FloatType } from './onnx/dataType';
import type { Layer } from './onnx/layer';
import { checkSettings } from './plan/checkSettings';
import type { LayerSettings } from './plan/layerSettings';
import { QUANTIZERS } from './quantizers';
import type { Codebook, StoredCodebook } from './quantizers/codebook';
import { normalizerFor } from './quantizers/normalizer';
import type { WeightGroup } from './quantizers/quantizer';
import { blockRanges, blocksOf } from './statistics/blocks';
import { momentsOf, type Moments } from './statistics/moments';
import { median } from './statistics/orderStatistics';

type QuantizableLayer = GroupedLayer & Pick<Layer, 'dtype' | 'name'>;

/** A layer's weights as codes, and what the codes stand for. */
export interface QuantizedLayer {
  /** In the order of the weights. */
  codes: Uint8Array;
  groups: Groups;
  /** One for each of `groups`. */
  codebooks: StoredCodebook[];
  /** Of the weights in the model, and so of the levels. */
  dtype: FloatType;
  bits: number;
  /** The codebook with the widest support, which of them it is, and its levels as they are stored. */
  widest: { group: number; codebook: Codebook; levels: Float32Array };
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
  const invalid = checkSettings(settings, place);
  if (invalid) throw new CoreError(invalid.code, place, invalid.detail);
  if (weights.length === 0) throw new CoreError('not-quantizable', place, { reason: 'empty' });
  if (settings.normalize === 'model' && !modelMoments) throw new CoreError('internal', place, { missing: 'modelMoments' });

  const dtype = storedType(layer);
  const groups = layerGroups(layer, settings.granularity);
  const count = groupCount(groups);
  const scratch = count === 1 ? weights : weights.slice(0, largestGroup(groups));
  const codes = new Uint8Array(weights.length);
  const scratchCodes = count === 1 ? codes : new Uint8Array(scratch.length);
  const codebooks: StoredCodebook[] = [];
  let widest: QuantizedLayer['widest'] | undefined;
  const sums = noErrors();
  const predicted: Prediction = { signal: 0, noise: 0 };

  for (let group = 0; group < count; group++) {
    throwIfCancelled(signal);
    const length = count === 1 ? weights.length : gather(weights, groups, group, scratch);
    const source = weightGroup(scratch.subarray(0, length), layer, signal);
    const normalizer = normalizerFor(settings.normalize, source.moments, modelMoments ?? source.moments);
    const codebook = QUANTIZERS[settings.method].design(source, settings, normalizer, signal);
    const stored = storedLevels(codebook, dtype);
    encode(source.weights, codebook, stored, scratchCodes, sums, signal);
    addPrediction(predicted, source, codebook, stored);
    if (count > 1) scatter(scratchCodes, groups, group, codes);
    codebooks.push(storedCodebook(codebook));
    if (!widest || width(codebook) > width(widest.codebook)) widest = { group, codebook, levels: stored };
  }
  return { codes, groups, codebooks, dtype, bits: settings.bits, widest: widest!, error: errorMeasures(sums, predicted), sums };
}

/** The weights a copy will hold, as float32. @throws CoreError `cancelled` */
export function dequantized(quantized: QuantizedLayer, signal?: CancelSignal): Float32Array {
  const { codes, groups, codebooks } = quantized;
  const weights = new Float32Array(codes.length);
  for (let group = 0; group < codebooks.length; group++) {
    throwIfCancelled(signal);
    const levels = levelsOf(quantized, group);
    forEachRun(groups, group, (first, last) => {
      for (const [start, end] of blockRanges(last - first)) {
        throwIfCancelled(signal);
        for (let i = first + start; i < first + end; i++) weights[i] = levels[codes[i] as number] as number;
      }
    });
  }
  return weights;
}

/** The levels of one group as they are stored: what ONNX Runtime will compute. */
export function levelsOf({ codebooks, dtype, bits }: QuantizedLayer, group: number): Float32Array {
  return storedLevels(codebooks[group]!, dtype, 2 ** bits);
}

function width({ support: [low, high] }: Codebook): number {
  return high - low;
}

function storedType({ dtype, name }: QuantizableLayer): FloatType {
  if (isFloatType(dtype)) return dtype;
  throw new CoreError('not-quantizable', { tensor: name }, { reason: 'dtype-not-supported' });
}

function weightGroup(weights: FloatArray, { name }: QuantizableLayer, signal: CancelSignal | undefined): WeightGroup {
  const moments = momentsOf(blocksOf(weights), signal);
  if (moments.count < weights.length) throw new CoreError('not-quantizable', { tensor: name }, { reason: 'not-finite' });
  const location = median(weights, signal);
  let deviation = 0;
  for (const block of blocksOf(weights)) {
    throwIfCancelled(signal);
    for (let i = 0; i < block.length; i++) deviation += Math.abs((block[i] as number) - location);
  }
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
