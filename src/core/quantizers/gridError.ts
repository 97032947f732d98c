import { throwIfCancelled, type CancelSignal } from '../job';
import { gridErrors, squaredDistance, type WholeSteps } from '../kernels/errors';
import { PIECE } from '../kernels/memoryMap';
import { gridGain, orderedPiece } from '../kernels/orderedPiece';
import { pieceOf, piecesOf } from '../kernels/piece';
import type { FloatArray } from '../onnx/dataType';
import { inMemory } from '../statistics/weightSource';
import type { UniformGrid } from './codebook';
import type { Points } from './points';
import type { WeightGroup } from './quantizer';

/** The squared error of grids that differ in scale and zero point alone. */
export type GridError = (grid: UniformGrid) => number;

/** Fewer weights cost less in a plain loop than a kernel's call does. */
const FEW = 16;
const ONES = new Float64Array(FEW).fill(1);

/** From so many weights for each level on, ordering them costs less than going through all of them for each grid. */
const ORDERED_PER_LEVEL = 32;

/** On weights that each count for one or more. */
export function errorOnPoints({ values, counts }: Points, signal?: CancelSignal): GridError {
  return (grid) => {
    throwIfCancelled(signal);
    const { inverse, origin, lowest, highest } = stepsOf(grid);
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += counts[i]! * squaredDistance(values[i]! * inverse - origin, lowest, highest);
    return grid.scale * grid.scale * sum;
  };
}

/**
 * On weights themselves. The kernels see one piece, for as long as grids are tried: nothing else may ask for another.
 * @param one of the grids
 */
export function errorOnWeights({ weights: run, moments }: WeightGroup, { count, offset }: UniformGrid): GridError {
  const weights = inMemory(run);
  if (weights.length < FEW) return errorOnPoints({ values: weights, counts: ONES });
  if (weights.length > PIECE) return errorBySteps((steps) => sumOf(weights, steps));
  const piece = pieceOf(weights, FEW);
  const ordered = weights.length < ORDERED_PER_LEVEL * count ? null : orderedPiece(piece, moments, offset);
  // Where many are in one cell, much of it is gone through for each level.
  const isSpread = ordered !== null && ordered.most * count <= weights.length;
  if (!isSpread) return errorBySteps((steps) => gridErrors(piece, steps));
  const signalEnergy = moments.m2 + moments.count * (moments.mean - offset) ** 2;
  return ({ scale, zeroPoint }) => signalEnergy - gridGain(ordered, scale, zeroPoint, count);
}

function errorBySteps(squaredSteps: (steps: WholeSteps) => number): GridError {
  return (grid) => grid.scale * grid.scale * squaredSteps(stepsOf(grid));
}

/** In steps from the level that is next to the centre, or at it: levels are whole numbers, mid-rise too. */
function stepsOf({ count, scale, zeroPoint, offset }: UniformGrid): WholeSteps {
  const inverse = 1 / scale;
  const lowest = -Math.floor(zeroPoint);
  return { inverse, lowest, highest: count - 1 + lowest, origin: offset * inverse + (Math.floor(zeroPoint) - zeroPoint) };
}

function sumOf(weights: FloatArray, steps: WholeSteps): number {
  let sum = 0;
  for (const piece of piecesOf(weights)) sum += gridErrors(piece, steps);
  return sum;
}
