/** Equal-width bins over [min, max]; the last one includes max. */
export interface Histogram {
  min: number;
  max: number;
  counts: number[];
}

/** The bin that a weight falls into; one beyond the range falls beyond the bins below, and into the last above. */
export function binOf(min: number, max: number, bins: number): (w: number) => number {
  // Constant weights: every one is max, and in the last bin.
  const binsPerUnit = min === max ? Infinity : bins / (max - min);
  return (w) => (w === max ? bins - 1 : Math.min(bins - 1, Math.floor((w - min) * binsPerUnit)));
}
