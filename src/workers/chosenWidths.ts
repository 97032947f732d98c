import {
  allocateByCodingLength, allocateByNoise, allocateBySqnr, allocation, cheapest, type Allocation, type Budget,
} from '../core/allocation/allocateBits';
import { equalWidths } from '../core/allocation/allocationCurve';
import { optionsOf, withoutWidths, type LayerOptions } from '../core/allocation/layerOptions';
import type { CopySize } from '../core/encodings/copySize';
import { CoreError } from '../core/errors';
import { sqnrDb } from '../core/metrics/errorMeasures';
import { storedBits } from '../core/onnx/layer';
import type { ModelIndex } from '../core/onnx/modelIndex';
import type { AllocationRequest, AllocationTarget, ChosenWidths, LayerToAllocate } from '../protocol/allocation';
import { improvedWidths } from './improvedWidths';
import { copiesOf, type CopyOf } from './plannedWidths';

/** A target of all layers together. */
type TotalTarget = Exclude<AllocationTarget, { minSqnrDb: number } | { maxShare: number }>;

/** Tables that layers share make a copy a little larger than its layers add up to: this often what there is to choose from is corrected. */
const MAX_CORRECTIONS = 20;

/** Bits of all weights are whole numbers; those of an average are off by less than this part of one. */
const ROUNDING = 1e-3;

/**
 * Widths for the measured layers that reach the target; all other layers stay as they are. Where shared tables leave no
 * room for a choice, the cheapest widths are taken. Unless coding lengths decide, no width that all layers share loses less.
 * @throws CoreError `allocation-impossible` with the least that can be reached
 */
export function chosenWidths(
  index: ModelIndex, layers: LayerToAllocate[], options: LayerOptions[], { by, target: asked, format }: AllocationRequest,
): ChosenWidths {
  const copyOf = copiesOf(index, layers, options, format);
  const target = 'maxShare' in asked ? { maxBytes: Math.floor(asked.maxShare * index.bytes) } : asked;
  if ('minSqnrDb' in target) return copyOf(reaching(target.minSqnrDb, index, options));

  const equal = equalWidths(options, 'bytes').map(copyOf);
  const budget = budgetFor(target, index, options, equal);
  const excess = ({ size }: ChosenWidths): number => excessOf(size, target, index);
  const allocate = by === 'coding-length' ? allocateByCodingLength : allocateByNoise;
  const allocated = keepingTo(budget, options, allocate, copyOf, excess) ?? copyOf(cheapest(options, budget.unit));
  const limit = { budget, fits: (copy: ChosenWidths) => excess(copy) <= 0 };
  const chosen = by === 'coding-length' ? allocated : improvedWidths(allocated, equal, options, limit, copyOf);
  if (limit.fits(chosen)) return chosen;
  const { bytesAfter: bytes, averageBits } = chosen.size;
  throw new CoreError('allocation-impossible', { file: index.path }, {
    bytes, averageBits, wanted: budget.unit, others: otherLayers(index, layers),
  });
}

/** How many layers could be quantized, too, and are not to be. */
function otherLayers({ layers: all }: ModelIndex, layers: readonly LayerToAllocate[]): number {
  const chosen = new Set(layers.map(({ layer }) => layer));
  return all.filter(({ index, quantizable }) => quantizable === true && !chosen.has(index)).length;
}

/** The rule's choice for what its copy leaves of the budget; null where the rule finds none. */
function keepingTo(
  { unit, most }: Budget, options: readonly LayerOptions[], allocate: typeof allocateByNoise, copyOf: CopyOf,
  excessOf: (copy: ChosenWidths) => number,
): ChosenWidths | null {
  let open = options;
  let left = most;
  for (let correction = 0; correction < MAX_CORRECTIONS; correction++) {
    const choice = allocate(open, { unit, most: left });
    if (choice === null) return null;
    const copy = copyOf(choice);
    const excess = excessOf(copy);
    // With less to choose from, another choice might have kept to the target as well.
    if (excess <= 0) return { ...copy, optimal: copy.optimal && correction === 0 };
    // The same would be left in float again: less of a budget would only take from others.
    if (copy.widths.some(({ bits }, i) => bits !== choice.widths[i]!.bits)) open = withoutWidths(open, choice.widths, copy.widths);
    else left -= excess;
  }
  return null;
}

/** @throws CoreError `allocation-impossible` when no width of any layer reaches that SQNR */
function reaching(minSqnrDb: number, index: ModelIndex, options: LayerOptions[]): Allocation {
  const choice = allocateBySqnr(options, minSqnrDb, 'bytes');
  if (choice.widths.some(({ bits }) => bits !== 'float')) return choice;
  const least = Math.min(...options.flatMap(({ options: all }) => all.slice(0, -1).map(({ noise }) => noise)));
  throw new CoreError('allocation-impossible', { file: index.path }, { wanted: 'sqnr', sqnrDb: sqnrDb(1, least) });
}

/** What is left for the measured layers when all others stay as they are. */
function budgetFor(target: TotalTarget, index: ModelIndex, options: LayerOptions[], copies: ChosenWidths[]): Budget {
  const measured = new Set(options.map(({ layer }) => layer));
  if ('maxBytes' in target) {
    const own = index.layers.reduce((sum, { index: layer, bytes }) => sum + (measured.has(layer) ? bytes : 0), 0);
    const others = index.bytes - own;
    const sumOf = ({ widths }: ChosenWidths): number => others + allocation(options, optionsOf(options, widths), 'bytes').cost;
    // With weights go entries of graph inputs: a copy without tables may take less than its layers add up to.
    const spared = Math.max(0, ...copies.map((copy) => sumOf(copy) - copy.size.bytesAfter));
    return { unit: 'bytes', most: target.maxBytes - others + spared };
  }
  let most = 0;
  for (const layer of index.layers) {
    most += target.averageBits * layer.elements - (measured.has(layer.index) ? 0 : layer.elements * storedBits(layer));
  }
  return { unit: 'weightBits', most: Math.floor(most + ROUNDING) };
}

/** By how much a copy misses its target, in the budget's unit. */
function excessOf({ bytesAfter, averageBits }: CopySize, target: TotalTarget, index: ModelIndex): number {
  if ('maxBytes' in target) return bytesAfter - target.maxBytes;
  const weights = index.layers.reduce((sum, { elements }) => sum + elements, 0);
  return Math.max(0, Math.ceil((averageBits - target.averageBits) * weights - ROUNDING));
}
