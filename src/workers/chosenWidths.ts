import {
  allocateByCodingLength, allocateByNoise, allocateBySqnr, narrowest, type Allocation, type Budget,
} from '../core/allocation/allocateBits';
import { withoutWidths, type LayerOptions } from '../core/allocation/layerOptions';
import type { CopySize } from '../core/encodings/copySize';
import { CoreError } from '../core/errors';
import { sqnrDb } from '../core/metrics/errorMeasures';
import { storedBits } from '../core/onnx/layer';
import type { ModelIndex } from '../core/onnx/modelIndex';
import type { AllocationRequest, AllocationTarget, ChosenWidths, LayerToAllocate } from '../protocol/allocation';
import { improvedWidths } from './improvedWidths';
import { copiesOf, type CopyOf } from './plannedWidths';

/** A target of all layers together. */
type TotalTarget = Exclude<AllocationTarget, { minSqnrDb: number }>;

/** Tables that layers share make a copy a little larger than its layers add up to: this often what there is to choose from is corrected. */
const MAX_CORRECTIONS = 20;

/**
 * Widths for the measured layers that reach the target; all other layers stay as they are. Where shared tables leave no
 * room for a choice, the narrowest widths are taken. Unless coding lengths decide, no width that all layers share loses less.
 * @throws CoreError `allocation-impossible` with the least that can be reached
 */
export function chosenWidths(
  index: ModelIndex, layers: LayerToAllocate[], options: LayerOptions[], { by, target, format }: AllocationRequest,
): ChosenWidths {
  const copyOf = copiesOf(index, layers, options, format);
  if ('minSqnrDb' in target) return copyOf(reaching(target.minSqnrDb, index, options));

  const budget = budgetFor(target, index, options);
  const excess = ({ size }: ChosenWidths): number => excessOf(size, target, index);
  const allocate = by === 'coding-length' ? allocateByCodingLength : allocateByNoise;
  const least = (): ChosenWidths => copyOf(narrowest(options, budget.unit));
  const allocated = keepingTo(budget, options, allocate, copyOf, excess) ?? least();
  const limit = { budget, fits: (copy: ChosenWidths) => excess(copy) <= 0 };
  const chosen = by === 'coding-length' ? allocated : improvedWidths(allocated, options, limit, copyOf);
  if (limit.fits(chosen)) return chosen;
  const { bytesAfter: bytes, averageBits } = chosen.size;
  throw new CoreError('allocation-impossible', { file: index.path }, { bytes, averageBits, wanted: budget.unit });
}

/** The rule's choice for what its copy leaves of the budget; null where the rule finds none. */
function keepingTo(
  { unit, most }: Budget, options: readonly LayerOptions[], allocate: typeof allocateByNoise, copyOf: CopyOf,
  excessOf: (copy: ChosenWidths) => number,
): ChosenWidths | null {
  let open = options;
  let left = most;
  for (let correction = 0; correction < MAX_CORRECTIONS; correction++) {
    const allocation = allocate(open, { unit, most: left });
    if (allocation === null) return null;
    const copy = copyOf(allocation);
    const excess = excessOf(copy);
    // With less to choose from, another choice might have kept to the target as well.
    if (excess <= 0) return { ...copy, optimal: copy.optimal && correction === 0 };
    // The same would be left in float again: less of a budget would only take from others.
    if (copy.widths.some(({ bits }, i) => bits !== allocation.widths[i]!.bits)) open = withoutWidths(open, allocation.widths, copy.widths);
    else left -= excess;
  }
  return null;
}

/** @throws CoreError `allocation-impossible` when no width of any layer reaches that SQNR */
function reaching(minSqnrDb: number, index: ModelIndex, options: LayerOptions[]): Allocation {
  const allocation = allocateBySqnr(options, minSqnrDb, 'bytes');
  if (allocation.widths.some(({ bits }) => bits !== 'float')) return allocation;
  const least = Math.min(...options.flatMap(({ options: all }) => all.slice(0, -1).map(({ noise }) => noise)));
  throw new CoreError('allocation-impossible', { file: index.path }, { wanted: 'sqnr', sqnrDb: sqnrDb(1, least) });
}

/** What is left for the measured layers when all others stay as they are. */
function budgetFor(target: TotalTarget, index: ModelIndex, options: LayerOptions[]): Budget {
  const measured = new Set(options.map(({ layer }) => layer));
  if ('maxBytes' in target) {
    const own = index.layers.reduce((sum, { index: layer, bytes }) => sum + (measured.has(layer) ? bytes : 0), 0);
    return { unit: 'bytes', most: target.maxBytes - (index.bytes - own) };
  }
  let most = 0;
  for (const layer of index.layers) {
    most += target.averageBits * layer.elements - (measured.has(layer.index) ? 0 : layer.elements * storedBits(layer));
  }
  return { unit: 'weightBits', most };
}

/** By how much a copy misses its target, in the budget's unit. */
function excessOf(
  { bytesAfter, averageBits }: CopySize, target: TotalTarget, index: ModelIndex,
): number {
  if ('maxBytes' in target) return bytesAfter - target.maxBytes;
  const weights = index.layers.reduce((sum, { elements }) => sum + elements, 0);
  const excess = Math.round((averageBits - target.averageBits) * weights);
  return Math.max(0, excess);
}
