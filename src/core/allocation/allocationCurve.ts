import { BIT_WIDTHS } from '../plan/layerSettings';
import { allocateByNoise, allocateEqually, allocation, codingLengthSets, type Allocation, type Budget } from './allocateBits';
import { openChoices, type LayerOptions } from './layerOptions';
import { gain, lowerHull, undominated } from './chooseWidths';

/** As many points as can be told apart on a screen. */
const POINTS = 60;

/**
 * Choices of widths of which none loses less and takes no more than another, by rising cost, the cheapest and the dearest
 * included. They are corners of the convex hull of all choices, some left out where there are many; where there are few, the
 * best choices for budgets between them too.
 */
export function allocationCurve(layers: readonly LayerOptions[], unit: Budget['unit']): Allocation[] {
  const { corners, steps } = hullCorners(layers, unit);
  if (steps >= POINTS) return corners;
  const [least, most] = [corners[0]!.cost, corners.at(-1)!.cost];
  const between = Array.from({ length: POINTS }, (_, i) => least + ((most - least) * (i + 1)) / (POINTS + 1))
    .flatMap((budget) => allocateByNoise(layers, { unit, most: budget }) ?? []);
  return undominated([...corners, ...between], ({ cost }) => cost, ({ noise }) => noise);
}

/** Every width given to all layers alike, as far as they have it. */
export function equalWidths(layers: readonly LayerOptions[], unit: Budget['unit']): Allocation[] {
  return BIT_WIDTHS.map((bits) => allocateEqually(layers, bits, unit));
}

/** What `allocateByCodingLength` may choose, by rising cost, less what loses no less than a cheaper choice. */
export function codingLengthCurve(layers: readonly LayerOptions[], unit: Budget['unit']): Allocation[] {
  return undominated(codingLengthSets(layers, unit).flat(), ({ cost }) => cost, ({ noise }) => noise);
}

/**
 * Corners of the lower convex hull of error over cost: steps along all layers' hulls by falling gain lead from one to the next
 * (Everett, Generalized Lagrange multiplier method for solving problems of optimum allocation of resources, 1963).
 */
function hullCorners(layers: readonly LayerOptions[], unit: Budget['unit']): { corners: Allocation[]; steps: number } {
  const choices = openChoices(layers, unit);
  const hulls = choices.map(lowerHull);
  const chosen = hulls.map((hull) => hull[0]!);
  const steps = hulls.flatMap((hull, layer) => hull.slice(1).map((to, i) => (
    { layer, to, more: choices[layer]![to]!.cost - choices[layer]![hull[i]!]!.cost, gain: gain(choices[layer]!, hull[i]!, to) }
  ))).sort((a, b) => b.gain - a.gain);
  const spacing = steps.length > POINTS ? steps.reduce((sum, { more }) => sum + more, 0) / POINTS : 0;
  const corner = (): Allocation => ({ ...allocation(layers, chosen, unit), optimal: true });

  const corners = [corner()];
  let since = 0;
  steps.forEach(({ layer, to, more }, i) => {
    chosen[layer] = to;
    since += more;
    if (since < spacing && i < steps.length - 1) return;
    corners.push(corner());
    since = 0;
  });
  return { corners, steps: steps.length };
}
