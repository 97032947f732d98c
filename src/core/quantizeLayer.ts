import { forEachGroup } from './groups/groupBatches';
import { forEachRun, type Groups } from './groups/groups';
import { layerGroups, type GroupedLayer } from './groups/layerGroups';
import { stripeRuns, wholeStripe, type Stripe, type WeightStripe } from './groups/stripes';
import { CodebookList } from './encodings/codebookList';
import { storedLevels } from './encodings/storedLevels';
import { CoreError } from './errors';
import { throwIfCancelled, type CancelSignal } from './job';
import { stripeCodeBuffer, layerCodeBuffer } from './kernels/stripeBuffers';
import type { TransposedColumns } from './kernels/transposedColumns';
import { errorMeasures, type ErrorMeasures } from './metrics/errorMeasures';
import type { ErrorSums } from './metrics/errorSums';
import { isFloatType, type FloatArray, type FloatType } from './onnx/dataType';
import { elementCount } from './onnx/elementCount';
import type { Layer } from './onnx/layer';
import { checkSettings } from './plan/checkSettings';
import type { LayerSettings } from './plan/layerSettings';
import { designGroup, encodeBlock, noTotals, quantizeGroup, type CodeBuffer, type QuantizeContext, type QuantizedGroup } from './quantizeGroup';
import type { Codebook } from './quantizers/codebook';
import type { WeightGroup } from './quantizers/quantizer';
import { weightGroup } from './quantizers/weightGroup';
import { sliceRanges } from './statistics/cancelSlices';
import type { WeightSource } from './statistics/weightSource';

export type QuantizableLayer = GroupedLayer & Pick<Layer, 'dtype' | 'name'>;

/** What a layer's codes stand for, and how far that is from the weights. */
export interface LayerCodebooks {
  groups: Groups;
  /** One for each of `groups`. */
  codebooks: CodebookList;
  /** Of the weights in the model, and so of the levels. */
  dtype: FloatType;
  bits: number;
  /** The codebook with the widest support, which of them it is, and its levels as they are stored. */
  widest: { group: number; codebook: Codebook; levels: Float32Array };
  error: ErrorMeasures;
  /** From which the error of several layers together follows. */
  sums: ErrorSums;
}

/** A layer's weights as codes. */
export interface QuantizedLayer extends LayerCodebooks {
  /** In the order of the weights. */
  codes: Uint8Array;
}

/**
 * Quantizes one layer in memory. Preview, export and command line all call it. A layer without a channel axis is
 * quantized per tensor even where settings say per channel, so that one default fits a whole model.
 *
 * @throws CoreError `not-quantizable` with reason `empty`, `not-finite`, `too-large` or `dtype-not-supported`; `cancelled`
 */
export function quantizeLayer(
  weights: FloatArray, layer: QuantizableLayer, settings: LayerSettings, context: QuantizeContext = {},
): QuantizedLayer {
  return quantizeStripes([{ weights, stripe: wholeStripe(layer.dims) }], layer, settings, context);
}

/**
 * The same for weights that come in stripes of whole groups (`layerCut`), each done with before the next is asked for.
 * @throws CoreError as `quantizeLayer`
 */
export function quantizeStripes(
  stripes: Iterable<WeightStripe>, layer: QuantizableLayer, settings: LayerSettings, context: QuantizeContext = {},
): QuantizedLayer {
  const length = elementsOf(layer);
  const codes = (context.buffer && layerCodeBuffer(length)) ?? codesIn(context.buffer ?? {}, length);
  const pieces = stripeCodes(stripes, layer, settings, context);
  let filled = 0;
  for (let next = pieces.next(); ; next = pieces.next()) {
    if (next.done) return { codes, ...next.value };
    const { stripe, codes: some } = next.value;
    const { from, count, distance, runs } = stripeRuns(layer.dims, stripe);
    if (!(some instanceof Uint8Array)) some.scatter(codes, from, distance);
    else if (runs > 1) for (let i = 0; i < runs; i++) codes.set(some.subarray(i * count, (i + 1) * count), from + i * distance);
    else {
      codes.set(some, filled);
      filled += some.length;
    }
  }
}

/**
 * Codes of a layer as it is quantized, stripe by stripe, those of a stripe that is not in memory in several pieces; each is
 * valid until the next. Ends in what they stand for.
 * @param codebooks filled on the way
 * @throws CoreError as `quantizeLayer`
 */
export function* stripeCodes(
  stripes: Iterable<WeightStripe>, layer: QuantizableLayer, settings: LayerSettings, context: QuantizeContext = {},
  codebooks = new CodebookList(),
): Generator<{ stripe: Stripe; codes: Uint8Array | TransposedColumns }, LayerCodebooks> {
  requireQuantizable(layer, settings, context);
  const dtype = storedType(layer);
  let widest: LayerCodebooks['widest'] | undefined;
  const totals = noTotals();
  const quantize = (weights: WeightSource, quantizeOne: (group: WeightGroup) => QuantizedGroup): QuantizedGroup => {
    throwIfCancelled(context.signal);
    const designed = quantizeOne(weightGroup(weights, layer, context.signal));
    context.onDesigned?.(designed);
    const { codebook, levels } = designed;
    if (!widest || width(codebook) > width(widest.codebook)) widest = { group: codebooks.length, codebook, levels };
    codebooks.push(codebook);
    return designed;
  };
  const fill = (some: FloatArray, codes: Uint8Array): void => {
    quantize(some, (group) => quantizeGroup(group, settings, dtype, codes, totals, context));
  };
  const buffer: CodeBuffer = {};
  for (const { stripe, weights } of stripes) {
    if ('columns' in weights) {
      for (let column = 0; column < weights.columns; column++) fill(weights.weights(column), weights.codes(column));
      yield { stripe, codes: weights };
    } else if ('read' in weights) {
      const designed = quantize(weights, (group) => designGroup(group, settings, dtype, totals, context));
      for (const block of weights.read()) {
        throwIfCancelled(context.signal);
        const codes = codesIn(buffer, block.length);
        encodeBlock(block, designed, codes, totals);
        yield { stripe, codes };
      }
    } else {
      const codes = stripeCodeBuffer(weights.length) ?? codesIn(buffer, weights.length);
      forEachGroup(weights, layerGroups({ ...layer, dims: stripe.dims }, settings.granularity), codes, fill);
      yield { stripe, codes };
    }
  }
  const { sums, predicted } = totals;
  const groups = layerGroups(layer, settings.granularity);
  return { groups, codebooks, dtype, bits: settings.bits, widest: widest!, error: errorMeasures(sums, predicted), sums };
}

/** @throws CoreError */
function requireQuantizable(layer: QuantizableLayer, settings: LayerSettings, { modelMoments }: QuantizeContext): void {
  const place = { tensor: layer.name };
  const invalid = checkSettings(settings, place);
  if (invalid) throw new CoreError(invalid.code, place, invalid.detail);
  if (elementsOf(layer) === 0) throw new CoreError('not-quantizable', place, { reason: 'empty' });
  if (settings.normalize === 'model' && !modelMoments) throw new CoreError('internal', place, { missing: 'modelMoments' });
}

function elementsOf({ dims }: QuantizableLayer): number {
  return elementCount(dims);
}

function codesIn(buffer: CodeBuffer, length: number): Uint8Array {
  if (!buffer.codes || buffer.codes.length < length) {
    delete buffer.codes;
    buffer.codes = new Uint8Array(length);
  }
  return buffer.codes.subarray(0, length);
}

/** The weights a copy will hold, as float32. @throws CoreError `cancelled` */
export function dequantized(quantized: QuantizedLayer, signal?: CancelSignal): Float32Array {
  const { codes, groups, codebooks } = quantized;
  const weights = new Float32Array(codes.length);
  for (let group = 0; group < codebooks.length; group++) {
    throwIfCancelled(signal);
    const levels = levelsOf(quantized, group);
    forEachRun(groups, group, (first, last) => {
      for (const [start, end] of sliceRanges(last - first)) {
        throwIfCancelled(signal);
        for (let i = first + start; i < first + end; i++) weights[i] = levels[codes[i] as number] as number;
      }
    });
  }
  return weights;
}

/** The levels of one group as they are stored: what ONNX Runtime will compute. */
export function levelsOf({ codebooks, dtype, bits }: QuantizedLayer, group: number): Float32Array {
  return storedLevels(codebooks.get(group), dtype, 2 ** bits);
}

function width({ support: [low, high] }: Codebook): number {
  return high - low;
}

/** @throws CoreError `not-quantizable` with reason `dtype-not-supported` */
export function storedType({ dtype, name }: QuantizableLayer): FloatType {
  if (isFloatType(dtype)) return dtype;
  throw new CoreError('not-quantizable', { tensor: name }, { reason: 'dtype-not-supported' });
}
