import { storedLevels } from './encodings/storedLevels';
import { forEachRun } from './groups/groups';
import { stripeRuns, wholeStripe, type WeightStripe } from './groups/stripes';
import { throwIfCancelled, type CancelSignal } from './job';
import { layerCodeBuffer } from './kernels/stripeBuffers';
import { LayerQuantizer, type LayerCodebooks, type QuantizableLayer } from './layerQuantizer';
import type { FloatArray } from './onnx/dataType';
import { elementCount } from './onnx/elementCount';
import type { LayerSettings } from './plan/layerSettings';
import { codesIn, type QuantizeContext } from './quantizeGroup';
import { sliceRanges } from './statistics/cancelSlices';

/** A layer's weights as codes. */
export interface QuantizedLayer extends LayerCodebooks {
  /** In the order of the weights. */
  codes: Uint8Array;
}

/**
 * Quantizes one layer in memory.
 * @throws CoreError `not-quantizable` with reason `empty`, `not-finite`, `too-large`, `too-small` or `dtype-not-supported`; `cancelled`
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
  const length = elementCount(layer.dims);
  const codes = (context.buffer && layerCodeBuffer(length)) ?? codesIn(context.buffer ?? {}, length);
  const quantizer = new LayerQuantizer(layer, settings, context);
  let filled = 0;
  for (const { stripe, codes: some } of quantizer.codes(stripes)) {
    const { from, count, distance, runs } = stripeRuns(layer.dims, stripe);
    if (!(some instanceof Uint8Array)) some.scatter(codes, from, distance);
    else if (runs > 1) for (let i = 0; i < runs; i++) codes.set(some.subarray(i * count, (i + 1) * count), from + i * distance);
    else {
      codes.set(some, filled);
      filled += some.length;
    }
  }
  return { codes, ...quantizer.result() };
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
        for (let i = first + start; i < first + end; i++) weights[i] = levels[codes[i]!]!;
      }
    });
  }
  return weights;
}

/** The levels of one group as they are stored: what ONNX Runtime will compute. */
export function levelsOf({ codebooks, dtype, bits }: QuantizedLayer, group: number): Float32Array {
  return storedLevels(codebooks.get(group), dtype, 2 ** bits);
}
