import type { Layer } from '../core/onnx/layer';
import type { ModelLocation } from '../protocol/coreService';
import type { CoreClient } from '../workers/coreClient';
import { singleAnswer, type Question } from './question';

/** More nodes than anyone reads that use one weight. */
const MOST_NODES = 50;

/** Where a layer's weight is stored, and the nodes that use it. */
export function layerNodes(core: CoreClient, location: ModelLocation, { index, storage, consumers }: Layer): Question {
  return singleAnswer('layerNodes', index, '', async (options) => {
    const outcome = await core.layerNodes(location, index, MOST_NODES, options);
    if (!outcome.ok) return outcome;
    const nodes = { index, storage, consumers: consumers.length, nodes: outcome.value };
    return { ok: true, value: { type: 'layerNodes', nodes } };
  });
}
