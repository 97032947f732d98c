import type { ModelIndex } from '../onnx/modelIndex';
import type { ModelNetwork } from '../onnx/network';
import { calibratedLayer, multipliedLayer, type CalibratedLayer, type UncalibratedReason } from './layerMatrix';

/** Layers whose inputs can be captured, in network order, and why others' cannot. */
export interface CalibratedLayers {
  layers: CalibratedLayer[];
  /** By index into `ModelIndex.layers`. */
  reasons: Map<number, UncalibratedReason>;
}

export function calibratedLayers(index: ModelIndex, network: ModelNetwork, wanted: readonly number[]): CalibratedLayers {
  return layersFound(index, network, wanted, calibratedLayer);
}

/** Layers as whole matrices, however many their inputs are. */
export function multipliedLayers(index: ModelIndex, network: ModelNetwork, wanted: readonly number[]): CalibratedLayers {
  return layersFound(index, network, wanted, multipliedLayer);
}

function layersFound(
  index: ModelIndex, { main }: ModelNetwork, wanted: readonly number[], find: typeof multipliedLayer,
): CalibratedLayers {
  const nodes = new Map(main.nodes.map((node) => [node.record.offset, node]));
  const layers: CalibratedLayer[] = [];
  const reasons = new Map<number, UncalibratedReason>();
  for (const layer of wanted) {
    const found = find(index.layers[layer]!, index.consumerPlaces[layer]!, nodes);
    if (typeof found === 'string') reasons.set(layer, found);
    else layers.push(found);
  }
  return { layers, reasons };
}
