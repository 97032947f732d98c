import { sqnrDb } from '../metrics/errorMeasures';
import { BIT_WIDTHS, type BitWidth } from '../plan/layerSettings';
import { chooseWidths } from './chooseWidths';
import { clusters } from './clusters';
import { nearestOption, openChoices, openOptions, type LayerOptions, type LayerWidth } from './layerOptions';

/** What decides: measured error of weights, lossy coding length, or measured error of outputs on calibration data. */
export type AllocationBasis = 'sqnr' | 'coding-length' | 'calibrated';

/** What an allocation keeps to: a sum over layers that may not be exceeded. */
export interface Budget {
  unit: 'weightBits' | 'bytes';
  most: number;
}

export interface Allocation {
  /** In the order of the layers. */
  widths: LayerWidth[];
  /** Sum over layers of noise relative to the signal: to first order what the layers add to a network's output. */
  noise: number;
  /** In the budget's unit. */
  cost: number;
  /**
   * Whether it is certain that nothing better keeps to the budget, but for layers in float that every width makes smaller;
   * never of a rule that minimises nothing.
   */
  optimal: boolean;
}

/**
 * The widths of least summed relative noise within the budget; null when not even the smallest widths keep to it. A layer
 * is left in float only where some width does not make it smaller.
 */
export function allocateByNoise(layers: readonly LayerOptions[], { unit, most }: Budget): Allocation | null {
  const choice = chooseWidths(openChoices(layers, unit), most);
  return choice && { ...allocation(layers, choice.options, unit), optimal: choice.optimal };
}

/** Widths in use when coding lengths decide: as many as fit the budget, so that lengths tell layers apart. */
const WIDTHS_IN_USE = [3, 2, 1];

/**
 * Widths in the order of coding lengths: layers in clusters of similar length, the cluster of shortest ones gets the
 * smallest width. That coding length decides is Diao et al.'s (Attention Round, 2022); clusters in order are our
 * reconstruction. Ours too: of all sets of three widths the one whose cost comes closest to the budget is taken, of fewer
 * widths where no three keep to it.
 */
export function allocateByCodingLength(layers: readonly LayerOptions[], { unit, most }: Budget): Allocation | null {
  for (const candidates of codingLengthSets(layers, unit)) {
    const [first, ...others] = candidates.filter(({ cost }) => cost <= most);
    if (first) return others.reduce((best, each) => (isBetter(each, best) ? each : best), first);
  }
  return null;
}

/** Closer to the budget, or as close with less error: where formats store several widths alike they cost the same. */
function isBetter(each: Allocation, best: Allocation): boolean {
  return each.cost > best.cost || (each.cost === best.cost && each.noise < best.noise);
}

/** What coding lengths make of every set of three widths, then of every set of fewer. */
export function codingLengthSets(layers: readonly LayerOptions[], unit: Budget['unit']): Allocation[][] {
  const lengths = layers.map(({ codingLength = 0 }) => codingLength);
  return WIDTHS_IN_USE.map((count) => {
    const cluster = clusters(lengths, count);
    return widthSets(count).map((widths) => (
      { ...allocation(layers, layers.map((layer, i) => nearestOption(layer, widths[cluster[i]!]!)), unit), optimal: false }
    ));
  });
}

/** For each layer the least width that reaches an SQNR, float where none does. */
export function allocateBySqnr(layers: readonly LayerOptions[], minSqnrDb: number, unit: Budget['unit']): Allocation {
  const options = layers.map(({ options: all }) => {
    const found = all.findIndex(({ noise }) => sqnrDb(1, noise) >= minSqnrDb);
    return found < 0 ? all.length - 1 : found;
  });
  return { ...allocation(layers, options, unit), optimal: true };
}

/** One width for all layers, as far as they have it. */
export function allocateEqually(layers: readonly LayerOptions[], bits: BitWidth, unit: Budget['unit']): Allocation {
  return { ...allocation(layers, layers.map((layer) => nearestOption(layer, bits)), unit), optimal: false };
}

/** The width of every layer that takes least: mostly the narrowest, but codes of some widths are stored in wider ones. */
export function cheapest(layers: readonly LayerOptions[], unit: Budget['unit']): Allocation {
  const options = layers.map((layer) => {
    const costs = openOptions(layer).map((option) => option[unit]);
    return costs.indexOf(Math.min(...costs));
  });
  return { ...allocation(layers, options, unit), optimal: false };
}

/** Every set of so many widths, ascending. */
function widthSets(count: number, from: readonly BitWidth[] = BIT_WIDTHS): BitWidth[][] {
  if (count === 0) return [[]];
  return from.flatMap((bits, i) => widthSets(count - 1, from.slice(i + 1)).map((others) => [bits, ...others]));
}

/** What choosing these options, a number of one for each layer, comes to. */
export function allocation(
  layers: readonly LayerOptions[], options: readonly number[], unit: Budget['unit'],
): Omit<Allocation, 'optimal'> {
  const chosen = layers.map((layer, i) => layer.options[options[i]!]!);
  return {
    widths: chosen.map(({ bits }, i) => ({ layer: layers[i]!.layer, bits })),
    noise: chosen.reduce((sum, { noise }) => sum + noise, 0),
    cost: chosen.reduce((sum, option) => sum + option[unit], 0),
  };
}
