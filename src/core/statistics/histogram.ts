import type { FloatArray } from '../onnx/dataType';

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

/** How many ascending weights fall into each bin: the ends of bins are looked for by halves. @param bin as `binOf` says */
export function countsOfSorted(sorted: FloatArray, bin: (w: number) => number, bins: number): number[] {
  let start = 0;
  return Array.from({ length: bins }, (_, i) => {
    let [end, high] = [start, sorted.length];
    while (end < high) {
      const middle = (end + high) >>> 1;
      if (bin(sorted[middle]!) <= i) end = middle + 1;
      else high = middle;
    }
    const count = end - start;
    start = end;
    return count;
  });
}
