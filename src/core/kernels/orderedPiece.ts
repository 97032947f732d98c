import type { FloatArray } from '../onnx/dataType';
import type { Kernels } from './instance';
import { LANES, total } from './lanes';
import { ORDERED, ORDERED_PLACES, ORDERED_STARTS, ORDERED_SUMS } from './memoryMap';
import type { Piece } from './piece';

/** Weights to a cell: the fewer cells, the sooner they are in order, and the more of them a limit has to be held against. */
const PER_CELL = 2;

/** Weights in the order of equal cells over their range: in the kernels' memory, or as they are here. */
export type OrderedPiece = {
  length: number;
  cells: number;
  /** The first cell's lower end. */
  lowest: number;
  cellsPerUnit: number;
  /** What distances are from. */
  origin: number;
  /** How many weights the fullest cell has. */
  most: number;
} & ({ wasm: Kernels } | {
  wasm: null;
  ordered: FloatArray;
  /** How many weights come before each cell, and before the end. */
  starts: Uint32Array;
  /** Σ(w − origin) over these. */
  sums: Float64Array;
});

/** Orders a piece of finite weights, not all equal, to be done with before there is another. */
export function orderedPiece({ weights, wasm, at }: Piece, { min: lowest, max }: { min: number; max: number }, origin: number): OrderedPiece {
  const { length } = weights;
  const cells = Math.ceil(length / PER_CELL);
  const cellsPerUnit = cells / (max - lowest);
  if (wasm) {
    const most = wasm.orderByCell(
      at, length, cells, lowest, cellsPerUnit, origin, ORDERED, ORDERED_PLACES, ORDERED_STARTS, ORDERED_SUMS,
    );
    return { length, cells, lowest, cellsPerUnit, origin, most, wasm };
  }
  const starts = new Uint32Array(cells + 2);
  const sums = new Float64Array(cells + 1);
  const cellOf = (w: number): number => cellAt(w, lowest, cellsPerUnit, cells);
  for (let i = 0; i < length; i++) {
    const cell = cellOf(weights[i]!);
    starts[cell + 2]!++;
    sums[cell + 1]! += weights[i]! - origin;
  }
  let most = 0;
  for (let cell = 1; cell <= cells; cell++) {
    most = Math.max(most, starts[cell + 1]!);
    starts[cell + 1]! += starts[cell]!;
    sums[cell]! += sums[cell - 1]!;
  }
  const ordered = weights.slice();
  for (let i = 0; i < length; i++) ordered[starts[cellOf(weights[i]!) + 1]!++] = weights[i]!;
  return { length, cells, lowest, cellsPerUnit, origin, most, wasm, ordered, starts, sums };
}

/**
 * By how much the nearest of levels scale · (k − zeroPoint), k < count, as seen from the origin, lessen Σ(w − origin)²:
 * Σq(2Σd − nq) over the levels q with n weights each, d from the origin. What is left is the squared error.
 */
export function gridGain(piece: OrderedPiece, scale: number, zeroPoint: number, count: number): number {
  const { wasm, length, cells, lowest, cellsPerUnit, origin } = piece;
  if (wasm) {
    return wasm.gridGain(ORDERED, length, cells, lowest, cellsPerUnit, ORDERED_STARTS, ORDERED_SUMS, origin, scale, zeroPoint, count);
  }
  const { ordered, starts, sums } = piece;
  const lanes = new Float64Array(LANES);
  let gain = 0;
  let sum = 0;
  let rank = 0;
  for (let k = 0; k < count; k++) {
    const limit = origin + scale * (k + 0.5 - zeroPoint);
    const cell = k === count - 1 ? cells : cellAt(limit, lowest, cellsPerUnit, cells);
    const start = starts[cell]!;
    let next = start;
    lanes.fill(0);
    for (let i = start; i < starts[cell + 1]!; i++) {
      if (ordered[i]! >= limit) continue;
      next++;
      lanes[(i - start) % LANES]! += ordered[i]! - origin;
    }
    const below = sums[cell]! + total(lanes);
    const level = scale * (k - zeroPoint);
    gain += level * (2 * (below - sum) - (next - rank) * level);
    rank = next;
    sum = below;
  }
  return gain;
}

/** The cell of a weight or a limit, by the same operations, which are monotonic: what lies in a lower cell is less. */
function cellAt(value: number, lowest: number, cellsPerUnit: number, cells: number): number {
  const cell = Math.trunc((value - lowest) * cellsPerUnit);
  return cell > 0 ? Math.min(cell, cells - 1) : 0;
}
