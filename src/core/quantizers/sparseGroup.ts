import { inMemory } from '../statistics/weightSource';
import type { WeightGroup } from './quantizer';
import { sampleDistance } from './sampleDistance';

/**
 * A group without its weights at the centre, if at least half of a sample are there: those lose nothing on a grid that has the centre
 * as a level, and the fewer are left, the more grids can be tried on them. Moments stay those of all.
 */
export function withoutCentre(group: WeightGroup, centre: number): WeightGroup {
  const weights = inMemory(group.weights);
  const distance = sampleDistance(weights);
  let there = 0;
  let others = 0;
  for (let i = 0; i < weights.length; i += distance) {
    if (weights[i] === centre) there++;
    else others++;
  }
  return there < others ? group : { ...group, weights: weights.filter((w) => w !== centre) };
}
