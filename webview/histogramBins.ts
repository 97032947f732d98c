import type { PageStatistics } from '../src/protocol/page';

export interface Bin {
  from: number;
  to: number;
  count: number;
}

/** A constant layer has one bin without width; it is drawn this wide, as a share of its value. */
const CONSTANT_WIDTH = 0.1;

/** The histogram's bins with their edges; empty when no weight is finite. */
export function histogramBins({ histogram: { min, max, counts } }: Pick<PageStatistics, 'histogram'>): Bin[] {
  if (min === null || max === null || counts.length === 0) return [];
  const half = max > min ? 0 : (Math.abs(min) || 1) * (CONSTANT_WIDTH / 2);
  const from = min - half;
  const width = (max + half - from) / counts.length;
  return counts.map((count, bin) => ({
    from: from + bin * width,
    to: bin === counts.length - 1 ? max + half : from + (bin + 1) * width,
    count,
  }));
}
