import type { LayerSample } from '../core/curves/layerSample';
import { inMemory } from '../core/statistics/weightSource';

/** What a model's samples may take: sixteen of channels, a hundred of cells. */
const MOST_BYTES = 8 * 2 ** 20;
/** What is known of a group besides its weights, about. */
const GROUP_BYTES = 400;

/** The samples of a model's layers last asked for, as many as memory is set aside for. */
export interface SampleCache {
  /** @param key layer and granularity */
  get(key: string, make: () => LayerSample): LayerSample;
}

export function createSampleCache(): SampleCache {
  const recent = new Map<string, LayerSample>();
  let bytes = 0;
  return {
    get(key, make) {
      const found = recent.get(key);
      recent.delete(key);
      const sample = found ?? make();
      if (found === undefined) bytes += bytesOf(sample);
      recent.set(key, sample);
      for (const [oldest, old] of recent) {
        if (bytes <= MOST_BYTES) break;
        recent.delete(oldest);
        bytes -= bytesOf(old);
      }
      return sample;
    },
  };
}

function bytesOf({ groups }: LayerSample): number {
  return groups.reduce((sum, { weights, cells }) => (
    sum + inMemory(weights).byteLength + (cells?.counts.byteLength ?? 0) + GROUP_BYTES
  ), 0);
}
