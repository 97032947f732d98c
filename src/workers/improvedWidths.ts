import { allocation, type Allocation, type Budget } from '../core/allocation/allocateBits';
import { openOptions, optionsOf, type LayerOptions } from '../core/allocation/layerOptions';
import { allocationCurve } from '../core/allocation/allocationCurve';
import type { ChosenWidths } from '../protocol/allocation';
import type { CopyOf } from './plannedWidths';

/** Copies that are looked at for changes of single layers. */
const MOST_COPIES = 500;
/** Layers of all these copies together: some seconds of work. The more layers share tables, the less these decide. */
const MOST_LAYERS = 250_000;

/** What copies are to keep to. */
export interface CopyLimit {
  /** What the layers of one may add up to: tables that they share come on top, and layers that these leave in float. */
  budget: Budget;
  fits(copy: ChosenWidths): boolean;
}

/**
 * Layers of one width share their tables, which sums over layers do not see: in a small model that may decide. Of the known
 * good choices, and of changes of one layer after another, the one of least error whose copy keeps to the limit; what was
 * given where none does.
 */
export function improvedWidths(
  given: ChosenWidths, equal: readonly ChosenWidths[], options: readonly LayerOptions[], { budget, fits }: CopyLimit, copyOf: CopyOf,
): ChosenWidths {
  const better = given.optimal ? [] : allocationCurve(options, budget.unit).filter(({ noise }) => noise < given.noise);
  // Copies may leave so much of one width for all in float that they lose less than the best widths.
  const fitting = [given, ...better.map((each) => copyOf({ ...each, optimal: false })), ...equal].filter(fits);
  if (fitting.length === 0) return given;
  let best = fitting.reduce((least, each) => (each.noise < least.noise ? each : least));
  let copies = Math.min(MOST_COPIES, Math.ceil(MOST_LAYERS / options.length));
  for (let found: ChosenWidths | null = best; found;) {
    best = found;
    found = null;
    for (const change of singleChanges(best, options, budget)) {
      if (copies-- === 0) return best;
      const copy = copyOf(change);
      if (!fits(copy)) continue;
      found = copy;
      break;
    }
  }
  return best;
}

/** Choices within the budget that differ in the width of one layer and lose less, the best first. */
function* singleChanges({ widths }: ChosenWidths, options: readonly LayerOptions[], { unit, most }: Budget): Generator<Allocation> {
  const chosen = optionsOf(options, widths);
  const { cost } = allocation(options, chosen, unit);
  const changes = options.flatMap((each, layer) => {
    const now = each.options[chosen[layer]!]!;
    return openOptions(each).map((other, option) => ({ layer, option, saved: now.noise - other.noise, cost: cost - now[unit] + other[unit] }));
  });
  const better = changes.filter((change) => change.saved > 0 && change.cost <= most).sort((a, b) => b.saved - a.saved);
  for (const { layer, option } of better) yield { ...allocation(options, chosen.with(layer, option), unit), optimal: false };
}
