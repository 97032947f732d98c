import type { ModelIndex } from '../onnx/modelIndex';
import type { ModelNetwork } from '../onnx/network';
import { calibratedLayer, type CalibratedLayer, type UncalibratedReason } from './layerMatrix';

/** Layers whose inputs can be captured, in network order, and why others' cannot. */
export interface CalibratedLayers {
  layers: CalibratedLayer[];
  /** By index into `ModelIndex.layers`. */
  reasons: Map<number, UncalibratedReason>;
}

export function calibratedLayers(index: ModelIndex, { main }: ModelNetwork, wanted: readonly number[]): CalibratedLayers {
  const nodes = new Map(main.nodes.map((node) => [node.record.offset, node]));
  const layers: CalibratedLayer[] = [];
  const reasons = new Map<number, UncalibratedReason>();
  for (const layer of wanted) {
    const found = calibratedLayer(index.layers[layer]!, index.consumerPlaces[layer]!, nodes);
    if (typeof found === 'string') reasons.set(layer, found);
    else layers.push(found);
  }
  return { layers, reasons };
}
