import { allocation, type Allocation, type LayerOptions } from '../core/allocation/allocateBits';
import { allocationCurve, equalWidths } from '../core/allocation/allocationCurve';
import type { ChosenWidths } from '../protocol/allocation';

/** Copies whose size is looked at for changes of single layers: some seconds of work in a model of a thousand layers. */
const MOST_COPIES = 500;

/** What copies may take, and what the layers of one may add up to for that: tables that they share come on top. */
export interface SizeLimit {
  maxBytes: number;
  most: number;
}

/**
 * Layers of one width share their tables, which sums over layers do not see: in a small model that may decide. Of the known
 * good choices, and of changes of one layer after another, the one of least error whose copy keeps to the limit.
 */
export function improvedBySize(
  chosen: ChosenWidths, options: readonly LayerOptions[], { maxBytes, most }: SizeLimit,
  copyOf: (allocation: Allocation) => ChosenWidths,
): ChosenWidths {
  const fits = ({ size }: ChosenWidths): boolean => size.bytesAfter <= maxBytes;
  const others = [...allocationCurve(options, 'bytes'), ...equalWidths(options, 'bytes')]
    .filter(({ noise }) => noise < chosen.noise).map((each) => copyOf({ ...each, optimal: false })).filter(fits);
  let best = others.reduce((least, each) => (each.noise < least.noise ? each : least), chosen);
  let copies = 0;
  for (let found: ChosenWidths | null = best; found;) {
    best = found;
    found = null;
    for (const change of singleChanges(best, options).filter(({ cost }) => cost <= most)) {
      if (copies++ === MOST_COPIES) return best;
      const copy = copyOf(change);
      if (!fits(copy)) continue;
      found = copy;
      break;
    }
  }
  return best;
}

/** Choices that differ in the width of one layer and lose less, the best first. */
function singleChanges({ widths, noise }: Allocation, options: readonly LayerOptions[]): Allocation[] {
  const chosen = options.map(({ options: all }, i) => all.findIndex(({ bits }) => bits === widths[i]!.bits));
  return options.flatMap(({ options: all }, layer) => (
    all.slice(0, -1).map((_, option) => ({ ...allocation(options, chosen.with(layer, option), 'bytes'), optimal: false }))
  )).filter((change) => change.noise < noise).sort((a, b) => a.noise - b.noise);
}
