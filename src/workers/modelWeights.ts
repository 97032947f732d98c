import type { SkipReason } from '../core/encodings/copySize';
import { CoreError } from '../core/errors';
import type { CancelSignal } from '../core/job';
import type { FloatArray } from '../core/onnx/dataType';
import type { Layer } from '../core/onnx/layer';
import type { ModelIndex, TensorRecord } from '../core/onnx/modelIndex';
import { passingChunks, readWeights } from '../core/onnx/weights';
import type { LayerSettings, PlannedLayer } from '../core/plan/layerSettings';
import type { QuantizeContext } from '../core/quantizeGroup';
import { unusableReason } from '../core/quantizers/unusableWeights';
import { combineMoments, momentsOf, NO_MOMENTS, type Moments } from '../core/statistics/moments';
import { scaleWeights, type EqualizedLayers } from '../core/tuning/channelScales';
import type { OpenModel } from './modelCache';

/** @throws CoreError `no-such-layer` */
export function layerAt(index: ModelIndex, layer: number): Layer {
  const found = index.layers[layer];
  if (found === undefined) throw new CoreError('no-such-layer', { file: index.path }, { name: layer });
  return found;
}

export function tensorOf(index: ModelIndex, layer: Layer): TensorRecord {
  return index.tensors[layer.tensor]!;
}

/** A layer's weights as a copy quantizes them: scaled where the copy is equalized. @throws CoreError as `readWeights` */
export function effectiveWeights(
  { files, index }: OpenModel, layer: Layer, equalized: EqualizedLayers, signal: CancelSignal | undefined,
): FloatArray {
  const weights = readWeights(files, tensorOf(index, layer), signal);
  const scales = equalized.get(layer.index);
  if (scales) scaleWeights(weights, scales);
  return weights;
}

/** Moments of all quantizable layers' weights together, which `normalize: model` needs. */
export function modelMoments(model: OpenModel, signal: CancelSignal | undefined): Moments {
  return model.index.layers
    .filter((layer) => layer.quantizable === true)
    .map((layer) => layerMoments(model, layer, signal))
    .reduce(combineMoments, NO_MOMENTS);
}

/** What quantizing a layer with these settings is given of the rest of the model. */
export function quantizeContext(
  model: OpenModel, { normalize }: Pick<LayerSettings, 'normalize'>, signal: CancelSignal | undefined,
): QuantizeContext {
  return { ...(normalize === 'model' && { modelMoments: modelMoments(model, signal) }), ...(signal && { signal }) };
}

/** Planned layers whose weights turn out not to be quantizable: a copy's size is promised before it is written. */
export function unusableLayers(
  model: OpenModel, planned: readonly Pick<PlannedLayer, 'layer'>[], signal: CancelSignal | undefined,
): Map<number, SkipReason> {
  const layers = planned.map(({ layer }) => layerAt(model.index, layer)).filter((layer) => layer.quantizable === true);
  return new Map(layers.flatMap((layer) => {
    const reason = unusableReason(layerMoments(model, layer, signal), layer.elements, layer.dtype);
    return reason ? [[layer.index, reason]] : [];
  }));
}

/** Of the finite ones of a layer's weights. */
export function layerMoments(model: OpenModel, layer: Layer, signal: CancelSignal | undefined): Moments {
  const known = model.moments.get(layer.index);
  if (known !== undefined) return known;
  const moments = momentsOf(passingChunks(model.files, tensorOf(model.index, layer), signal), signal);
  model.moments.set(layer.index, moments);
  return moments;
}
