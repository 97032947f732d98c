import type { CopySize } from '../core/encodings/copySize';
import type { LayerPreview, ModelSummary } from '../protocol/coreService';
import type { Budget } from '../protocol/page';
import { worstLayers } from './worstLayers';

/** A plan's totals. @param quantized the preview of each layer that a copy quantizes, as far as there is one */
export function budgetOf(model: ModelSummary, computed: CopySize | null, quantized: readonly (LayerPreview | undefined)[]): Budget {
  // While workers are busy, that of a plan without layers may be the last one known.
  const size = quantized.length > 0 && computed?.layers.length === 0 ? null : computed;
  return {
    bytesBefore: size?.bytesBefore ?? model.bytes,
    bytesAfter: size?.bytesAfter ?? null,
    averageBits: size?.averageBits ?? null,
    plannedLayers: quantized.length,
    quantizedAlready: model.layers.filter((layer) => layer.quantized).length,
    worst: worstOf(quantized),
  };
}

function worstOf(previews: readonly (LayerPreview | undefined)[]): Budget['worst'] {
  const { by, ranked } = worstLayers(previews.filter((preview) => preview !== undefined));
  for (const { layer, name, sqnrDb, outputSqnrDb } of ranked) {
    const error = by === 'outputs' ? outputSqnrDb : sqnrDb;
    if (error !== null && Number.isFinite(error)) return { index: layer, name, sqnrDb: error, by };
  }
  return null;
}
