import { assignNearest } from './assignment/nearest';
import { throwIfCancelled, type CancelSignal } from './job';
import type { Prediction } from './metrics/errorMeasures';
import { addCellErrors, addErrors, noErrors, type ErrorSums } from './metrics/errorSums';
import { predictedGridMse, predictedMse } from './metrics/laplacianDistortion';
import type { FloatArray, FloatType } from './onnx/dataType';
import type { LayerSettings } from './plan/layerSettings';
import { QuantizedGroup } from './quantizedGroup';
import { QUANTIZERS } from './quantizers';
import { normalizerFor } from './quantizers/normalizer';
import type { WeightGroup } from './quantizers/quantizer';
import type { Moments } from './statistics/moments';
import { inMemory, slicesOfSource } from './statistics/weightSource';

/** Reused for the codes of one layer after another: an array that is dropped, as large as a layer, is collected late. */
export interface CodeBuffer {
  codes?: Uint8Array;
}

/** So many codes in the buffer, whatever they are. */
export function codesIn(buffer: CodeBuffer, length: number): Uint8Array {
  if (!buffer.codes || buffer.codes.length < length) {
    delete buffer.codes;
    buffer.codes = new Uint8Array(length);
  }
  return buffer.codes.subarray(0, length);
}

export interface QuantizeContext {
  /** Over the weights of all quantizable layers; needed by `normalize: model`. */
  modelMoments?: Moments;
  signal?: CancelSignal;
  /** Where codes are put, until the next layer's are; in memory of their own when left out. */
  buffer?: CodeBuffer;
  /** Called with each group's codebook in turn: of these, a quantized layer keeps no more than a copy stores. */
  onDesigned?: (group: QuantizedGroup) => void;
}

/** What the groups of a layer add up to. */
export interface GroupTotals {
  sums: ErrorSums;
  predicted: Prediction;
}

export function noTotals(): GroupTotals {
  return { sums: noErrors(), predicted: { signal: 0, noise: 0 } };
}

/**
 * Designs one group's codebook, assigns its weights and adds up their errors.
 * @param dtype of the weights in the model, and so of the levels
 * @param codes filled with a code for each of the group's weights
 */
export function quantizeGroup(
  group: WeightGroup, settings: LayerSettings, dtype: FloatType, codes: Uint8Array, totals: GroupTotals, context: QuantizeContext = {},
): QuantizedGroup {
  const designed = designGroup(group, settings, dtype, totals, context);
  const { weights, cells } = group;
  if (cells) {
    const means = inMemory(weights);
    assignNearest(means, designed.codebook, codes);
    addCellErrors(totals.sums, means, cells, codes, designed.levels);
    return designed;
  }
  let at = 0;
  for (const block of slicesOfSource(weights)) {
    throwIfCancelled(context.signal);
    encodeBlock(block, designed, codes.subarray(at, (at += block.length)), totals);
  }
  return designed;
}

/** Assigns some of a group's weights and adds up their errors. @param codes filled in */
export function encodeBlock(block: FloatArray, designed: QuantizedGroup, codes: Uint8Array, { sums }: GroupTotals): void {
  assignNearest(block, designed.codebook, codes);
  addErrors(sums, block, codes, designed.grid ?? designed.levels);
}

/** Designs one group's codebook. */
export function designGroup(
  group: WeightGroup, settings: LayerSettings, dtype: FloatType, { predicted }: GroupTotals, { modelMoments, signal }: QuantizeContext = {},
): QuantizedGroup {
  const normalizer = normalizerFor(settings.normalize, group.moments, modelMoments ?? group.moments);
  const designed = new QuantizedGroup(QUANTIZERS[settings.method].design(group, settings, normalizer, signal), dtype);
  addPrediction(predicted, group, designed);
  return designed;
}

/** Second moment and error that the group's Laplacian fit predicts; b² · 2 + location² is its raw second moment. */
function addPrediction(predicted: Prediction, { moments, laplace }: WeightGroup, designed: QuantizedGroup): void {
  predicted.signal += moments.count * (2 * laplace.scale ** 2 + laplace.location ** 2);
  predicted.noise += moments.count * predictedError(designed, laplace);
}

function predictedError(designed: QuantizedGroup, laplace: WeightGroup['laplace']): number {
  return designed.grid && laplace.scale > 0
    ? predictedGridMse(designed.grid, laplace)
    : predictedMse({ levels: designed.levels, thresholds: designed.codebook.thresholds }, laplace);
}
