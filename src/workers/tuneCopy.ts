import { calibratedLayers, multipliedLayers } from '../core/calibration/calibratedLayers';
import type { CalibratedLayer } from '../core/calibration/layerMatrix';
import type { CancelSignal } from '../core/job';
import type { EncodedLayer } from '../core/onnx/copyEdits';
import { readNetwork } from '../core/onnx/indexModel';
import { newNames } from '../core/onnx/newNames';
import { valueUses } from '../core/onnx/valueUses';
import { readWeights } from '../core/onnx/weights';
import type { Tuning } from '../core/plan/plan';
import { channelLinks } from '../core/tuning/channelLinks';
import { scaleBias, type EqualizedLayers } from '../core/tuning/channelScales';
import { equalize } from '../core/tuning/equalize';
import { layerBias, type BiasObstacle, type LayerBias, type TunedGraph, type UncorrectedReason } from '../core/tuning/layerBias';
import { newBias, type NewBias } from '../core/tuning/newBias';
import type { Corrections } from '../protocol/coreService';
import type { OpenModel } from './modelCache';
import { layerAt, tensorOf } from './modelWeights';

/** What a copy changes beside weights' codes; biases and layers by layer. */
export interface TunedCopy {
  equalized: EqualizedLayers;
  /** All biases that the copy holds anew. */
  biases: ReadonlyMap<number, NewBias>;
  /** Those that calibration corrects, too. */
  corrected: ReadonlyMap<number, NewBias>;
  corrections: Corrections | null;
}

const UNTUNED: TunedCopy = { equalized: new Map(), biases: new Map(), corrected: new Map(), corrections: null };

/**
 * Equalizes the layers that a copy quantizes, and finds the biases that are to be corrected, as a plan asks.
 * @throws CoreError `cancelled`, and what reading throws
 */
export function tuneCopy(
  model: OpenModel, encoded: readonly EncodedLayer[], { biasCorrection = false, equalization = false }: Tuning,
  signal: CancelSignal | undefined,
): TunedCopy {
  if (!biasCorrection && !equalization) return UNTUNED;
  const { files, index } = model;
  const network = readNetwork(files, signal);
  const graph = { index, main: network.main, uses: valueUses(network.main) };
  const chosen = encoded.map(({ layer }) => layer.index);
  const { layers } = multipliedLayers(index, network, chosen);
  const links = equalization ? channelLinks(files, graph, layers) : [];
  const equalized = equalize(links, ({ layer }) => readWeights(files, tensorOf(index, layer), signal), signal);
  const places = new Map(layers.map((each) => [each.layer.index, biasPlace(graph, each, encoded)]));
  const { reasons } = calibratedLayers(index, network, chosen);
  const obstacle = (layer: number): UncorrectedReason | null => {
    const place = places.get(layer);
    return reasons.get(layer) ?? (typeof place === 'string' ? place : null);
  };

  const [biases, corrected] = [new Map<number, NewBias>(), new Map<number, NewBias>()];
  const nameOf = newNames(index.names);
  for (const [layer, place] of places) {
    const scales = equalized.get(layer);
    const isCorrected = biasCorrection && obstacle(layer) === null;
    if (typeof place === 'string' || !(isCorrected || (scales?.outputs && place.tensor !== null))) continue;
    const bias = newBias(files, index, place, nameOf(layerAt(index, layer).name, 'bias'));
    if (scales) scaleBias(bias.values, scales);
    biases.set(layer, bias);
    if (isCorrected) corrected.set(layer, bias);
  }
  const uncorrected = (biasCorrection ? chosen : []).flatMap((layer) => {
    const reason = obstacle(layer);
    return reason === null ? [] : [{ layer, name: layerAt(index, layer).name, reason }];
  });
  return {
    equalized, biases, corrected,
    corrections: { equalizedPairs: links.length, correctedBiases: corrected.size, uncorrected },
  };
}

/** The node that a first bias would be an input of may give way to others. */
function biasPlace(graph: TunedGraph, layer: CalibratedLayer, encoded: readonly EncodedLayer[]): LayerBias | BiasObstacle {
  const place = layerBias(graph, layer);
  const isRewritten = encoded.some((each) => each.layer === layer.layer && each.consumers.length > 0);
  return typeof place !== 'string' && place.tensor === null && isRewritten ? 'bias-missing' : place;
}
