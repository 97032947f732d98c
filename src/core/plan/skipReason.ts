import type { SkipReason } from '../encodings/copySize';
import type { Problem } from '../errors';
import type { Layer } from '../onnx/layer';

/** Why a layer stays as it is that no plan has settings for. */
export function unplannedReason({ quantizable, fixed }: Pick<Layer, 'quantizable' | 'fixed'>): SkipReason {
  if (quantizable !== true) return quantizable.reason;
  return fixed ? 'not-a-weight' : 'float-in-plan';
}

/** How many layers stay as they are for each reason: the detail of `nothing-to-quantize`, empty where the model has none. */
export function reasonCounts(reasons: readonly SkipReason[]): Problem['detail'] {
  const counts: Problem['detail'] = {};
  for (const reason of reasons) counts[reason] = Number(counts[reason] ?? 0) + 1;
  return counts;
}
