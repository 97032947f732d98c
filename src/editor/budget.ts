import type { CopySize } from '../core/encodings/copySize';
import type { LayerPreview, ModelSummary } from '../protocol/coreService';
import type { Budget } from '../protocol/page';

/** A plan's totals. @param quantized the preview of each layer that a copy quantizes, as far as there is one */
export function budgetOf(model: ModelSummary, size: CopySize | null, quantized: readonly (LayerPreview | undefined)[]): Budget {
  const worst = worstOf(quantized);
  return {
    bytesBefore: size?.bytesBefore ?? model.bytes,
    bytesAfter: size?.bytesAfter ?? null,
    averageBits: size?.averageBits ?? null,
    plannedLayers: quantized.length,
    quantizedAlready: model.layers.filter((layer) => layer.quantized).length,
    worst: worst && { index: worst.layer, name: worst.name, sqnrDb: worst.sqnrDb },
  };
}

function worstOf(previews: readonly (LayerPreview | undefined)[]): LayerPreview | null {
  let worst: LayerPreview | null = null;
  for (const preview of previews) {
    if (preview && Number.isFinite(preview.sqnrDb) && (worst === null || preview.sqnrDb < worst.sqnrDb)) worst = preview;
  }
  return worst;
}
