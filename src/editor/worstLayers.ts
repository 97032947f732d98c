import type { LayerPreview } from '../protocol/coreService';

/** Layers in the order of their errors, the worst first. */
export interface WorstLayers {
  /** Errors of outputs count as soon as those of one layer are known: what calibration makes of a layer shows in no others. */
  by: 'weights' | 'outputs';
  /** Ranked by outputs, those of which outputs are not known follow, by their weights. */
  ranked: LayerPreview[];
}

export function worstLayers(previews: readonly LayerPreview[]): WorstLayers {
  const byWeights = [...previews].sort((a, b) => a.sqnrDb - b.sqnrDb);
  const withOutputs = byWeights.filter(hasOutputs).sort((a, b) => a.outputSqnrDb - b.outputSqnrDb);
  return withOutputs.length === 0
    ? { by: 'weights', ranked: byWeights }
    : { by: 'outputs', ranked: [...withOutputs, ...byWeights.filter((preview) => !hasOutputs(preview))] };
}

function hasOutputs(preview: LayerPreview): preview is LayerPreview & { outputSqnrDb: number } {
  return preview.outputSqnrDb !== null;
}
