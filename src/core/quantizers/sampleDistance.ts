/** Weights that tell what most of a group are like. */
const SAMPLE = 64;

/** How far apart weights are of which a run has 64 to 127, evenly spread, or all where there are fewer. */
export function sampleDistance(weights: ArrayLike<number>): number {
  return Math.max(1, Math.floor(weights.length / SAMPLE));
}
