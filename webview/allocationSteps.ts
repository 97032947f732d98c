import type { AllocationChoice, AllocationChoices, FoundAllocation } from '../src/protocol/allocationPage';
import { chosenOf, costOf, firstChoice, nearestTo, type AllocationPlot, type AllocationUnit } from './allocationPlot';

/** What becomes of the chart of allocations, step by step. */

/** A plot of new choices: what was chosen in the one before stays, or the nearest to it. */
export function plotOf(
  choices: AllocationChoices, unit: AllocationUnit, found: FoundAllocation | null, before: AllocationPlot | null,
): AllocationPlot {
  const plot: AllocationPlot = { choices, unit, found: null, seeking: before?.seeking ?? false, chosen: null };
  const kept = before && chosenOf(before);
  plot.chosen = kept ? nearestOptimal(plot, costOf(kept.point, unit)) : firstChoice(choices, unit)?.id ?? null;
  return found ? withFound(plot, found) : plot;
}

/** What answers the target; it is chosen unless another choice was made since. No answer leaves the mark of the last one. */
export function withFound(plot: AllocationPlot, found: FoundAllocation): AllocationPlot {
  if (!('point' in found)) return plot;
  return { ...plot, found: found.point, chosen: plot.seeking ? found.point.id : plot.chosen };
}

/** Marks another choice of the same plot, which the chart draws. */
export function choose(plot: AllocationPlot, { id }: AllocationChoice): void {
  plot.chosen = id;
  plot.seeking = plot.found?.id === id;
}

/** The same choice where it is in the other unit's chart too, otherwise the nearest to it. */
export function withUnit(plot: AllocationPlot, unit: AllocationUnit): AllocationPlot {
  const before = chosenOf(plot)?.point;
  const next = { ...plot, unit };
  return before && !chosenOf(next) ? { ...next, chosen: nearestOptimal(next, costOf(before, unit)) } : next;
}

function nearestOptimal({ choices, unit }: AllocationPlot, cost: number): number | null {
  return nearestTo(choices[unit].optimal, cost, unit)?.id ?? null;
}
