import type { LayerOption, LayerOptions } from '../core/allocation/allocateBits';
import type { CopyFormat } from '../core/encodings/copyFormat';
import { throwIfCancelled, type CancelSignal, type Job } from '../core/job';
import { bitsPerElement, type FloatArray } from '../core/onnx/dataType';
import type { Layer } from '../core/onnx/layer';
import { encodedBytes } from '../core/onnx/planCopy';
import { readWeights } from '../core/onnx/weights';
import { completeSettings, scopeOf, type PartialSettings } from '../core/plan/layerSettings';
import { quantizeLayer } from '../core/quantizeLayer';
import type { LayerToAllocate } from '../protocol/allocation';
import type { OpenModel } from './modelCache';
import { layerAt, quantizeContext, tensorOf, unusableLayers } from './modelWeights';

/**
 * What each layer would take and lose at every width its method has, measured over all its weights. Widths at which a copy
 * would not be smaller are no options; layers whose weights cannot be quantized are left out.
 */
export function layerOptions(model: OpenModel, layers: LayerToAllocate[], format: CopyFormat, job: Job): LayerOptions[] {
  const unusable = unusableLayers(model, layers, job.signal);
  const usable = layers.filter(({ layer }) => !unusable.has(layer) && layerAt(model.index, layer).quantizable === true);
  const total = usable.reduce((sum, { layer }) => sum + layerAt(model.index, layer).elements, 0);
  let done = 0;
  return usable.map(({ layer: index, settings }) => {
    throwIfCancelled(job.signal);
    const layer = layerAt(model.index, index);
    const weights = readWeights(model.files, tensorOf(model.index, layer), job.signal);
    const options = [...widthOptions(model, layer, weights, settings, format, job.signal), floatOption(layer)];
    done += layer.elements;
    job.onProgress?.(done / total);
    return { layer: index, options };
  });
}

function widthOptions(
  model: OpenModel, layer: Layer, weights: FloatArray, partial: PartialSettings, format: CopyFormat, signal: CancelSignal | undefined,
): LayerOption[] {
  const { method } = completeSettings(partial);
  return scopeOf(method, 8).bits.flatMap((bits): LayerOption[] => {
    const settings = completeSettings({ ...partial, bits });
    const bytes = encodedBytes(model.index, { layer: layer.index, settings }, format);
    if (bytes >= layer.bytes) return [];
    const { signal: energy, noise } = quantizeLayer(weights, layer, settings, quantizeContext(model, settings, signal)).sums;
    return [{ bits, weightBits: layer.elements * bits, bytes, noise: energy === 0 ? 0 : noise / energy }];
  });
}

function floatOption({ elements, bytes, dtype }: Layer): LayerOption {
  return { bits: 'float', weightBits: elements * bitsPerElement(dtype), bytes, noise: 0 };
}
