import { basename } from 'node:path';
import {
  allocateByCodingLength, allocateByNoise, allocateBySqnr, narrowest, type Allocation, type Budget, type LayerOptions,
} from '../core/allocation/allocateBits';
import type { CopySize } from '../core/encodings/copySize';
import { CoreError } from '../core/errors';
import { sqnrDb } from '../core/metrics/errorMeasures';
import { storedBits } from '../core/onnx/layer';
import type { ModelIndex } from '../core/onnx/modelIndex';
import { planCopy } from '../core/onnx/planCopy';
import type { AllocationRequest, AllocationTarget, ChosenWidths, LayerToAllocate } from '../protocol/allocation';
import { plannedLayers } from './plannedWidths';
import { improvedBySize } from './widthsBySize';

/** Tables that layers share make a copy a little larger than its layers add up to: this often the budget is lowered. */
const MAX_CORRECTIONS = 20;

/**
 * Widths for the measured layers that reach the target; all other layers stay as they are. Where shared tables leave no
 * room for a choice, the narrowest widths are taken.
 * @throws CoreError `allocation-impossible` with the least that can be reached
 */
export function chosenWidths(
  index: ModelIndex, layers: LayerToAllocate[], options: LayerOptions[], { by, target, format }: AllocationRequest,
): ChosenWidths {
  const copyOf = (allocation: Allocation): ChosenWidths => {
    const planned = plannedLayers(layers, allocation.widths);
    return { ...allocation, size: planCopy(index, planned, basename(index.path), { format }).size };
  };
  if ('minSqnrDb' in target) return copyOf(reaching(target.minSqnrDb, index, options));

  const allocate = by === 'coding-length' ? allocateByCodingLength : allocateByNoise;
  const budget = budgetFor(target, index, options);
  const { most } = budget;
  const refined = (chosen: ChosenWidths): ChosenWidths => (
    by === 'coding-length' || !('maxBytes' in target) ? chosen : improvedBySize(chosen, options, { ...target, most }, copyOf)
  );
  for (let correction = 0; correction < MAX_CORRECTIONS; correction++) {
    const allocation = allocate(options, budget);
    if (allocation === null) break;
    const chosen = copyOf(allocation);
    const excess = excessOf(chosen.size, target, index);
    // With less than the budget to go by, another choice might have kept to the target as well.
    if (excess <= 0) return refined({ ...chosen, optimal: chosen.optimal && correction === 0 });
    budget.most -= excess;
  }
  const least = copyOf(narrowest(options, budget.unit));
  if (excessOf(least.size, target, index) <= 0) return refined(least);
  const { bytesAfter: bytes, averageBits } = least.size;
  throw new CoreError('allocation-impossible', { file: index.path }, { bytes, averageBits, wanted: budget.unit });
}

/** @throws CoreError `allocation-impossible` when no width of any layer reaches that SQNR */
function reaching(minSqnrDb: number, index: ModelIndex, options: LayerOptions[]): Allocation {
  const allocation = allocateBySqnr(options, minSqnrDb, 'bytes');
  if (allocation.widths.some(({ bits }) => bits !== 'float')) return allocation;
  const least = Math.min(...options.flatMap(({ options: all }) => all.slice(0, -1).map(({ noise }) => noise)));
  throw new CoreError('allocation-impossible', { file: index.path }, { wanted: 'sqnr', sqnrDb: sqnrDb(1, least) });
}

/** What is left for the measured layers when all others stay as they are. */
function budgetFor(target: Exclude<AllocationTarget, { minSqnrDb: number }>, index: ModelIndex, options: LayerOptions[]): Budget {
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
  { bytesAfter, averageBits }: CopySize, target: Exclude<AllocationTarget, { minSqnrDb: number }>, index: ModelIndex,
): number {
  if ('maxBytes' in target) return bytesAfter - target.maxBytes;
  const weights = index.layers.reduce((sum, { elements }) => sum + elements, 0);
  const excess = Math.round((averageBits - target.averageBits) * weights);
  return Math.max(0, excess);
}
