import type { FloatArray } from '../onnx/dataType';
import type { Kernels } from './instance';
import { LANES, total } from './lanes';
import { ORDERED, ORDERED_CELLS, ORDERED_STARTS, ORDERED_SUMS } from './memoryMap';
import type { Piece } from './piece';

/** Weights in the order of as many equal cells over their range: in the kernels' memory, or as they are here. */
export type OrderedPiece = {
  length: number;
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
  /** Σ(w − origin) over the first of them. */
  sums: Float64Array;
});

/** Orders a piece of finite weights, not all equal, to be done with before there is another. */
export function orderedPiece({ weights, wasm, at }: Piece, { min: lowest, max }: { min: number; max: number }, origin: number): OrderedPiece {
  const { length } = weights;
  const cellsPerUnit = length / (max - lowest);
  if (wasm) {
    const most = wasm.orderByCell(at, length, lowest, cellsPerUnit, ORDERED, ORDERED_CELLS, ORDERED_STARTS);
    wasm.sumDistances(ORDERED, length, origin, ORDERED_SUMS);
    return { length, lowest, cellsPerUnit, origin, most, wasm };
  }
  const starts = new Uint32Array(length + 2);
  const cellOf = (w: number): number => cellAt(w, lowest, cellsPerUnit, length);
  for (let i = 0; i < length; i++) starts[cellOf(weights[i]!) + 2]!++;
  let most = 0;
  for (let i = 2; i < starts.length; i++) {
    most = Math.max(most, starts[i]!);
    starts[i]! += starts[i - 1]!;
  }
  const ordered = weights.slice();
  for (let i = 0; i < length; i++) ordered[starts[cellOf(weights[i]!) + 1]!++] = weights[i]!;
  const sums = new Float64Array(length + 1);
  for (let i = 0; i < length; i++) sums[i + 1] = sums[i]! + (ordered[i]! - origin);
  return { length, lowest, cellsPerUnit, origin, most, wasm, ordered, starts, sums };
}

/**
 * By how much the nearest of levels scale · (k − zeroPoint), k < count, as seen from the origin, lessen Σ(w − origin)²:
 * Σq(2Σd − nq) over the levels q with n weights each, d from the origin. What is left is the squared error.
 */
export function gridGain(piece: OrderedPiece, scale: number, zeroPoint: number, count: number): number {
  const { wasm, length, lowest, cellsPerUnit, origin } = piece;
  if (wasm) {
    return wasm.gridGain(ORDERED, length, lowest, cellsPerUnit, ORDERED_STARTS, ORDERED_SUMS, origin, scale, zeroPoint, count);
  }
  const { ordered, starts, sums } = piece;
  const lanes = new Float64Array(LANES);
  let gain = 0;
  let sum = 0;
  let rank = 0;
  for (let k = 0; k < count; k++) {
    const limit = origin + scale * (k + 0.5 - zeroPoint);
    const cell = k === count - 1 ? length : cellAt(limit, lowest, cellsPerUnit, length);
    const start = starts[cell]!;
    let next = start;
    lanes.fill(0);
    for (let i = start; i < starts[cell + 1]!; i++) {
      if (ordered[i]! >= limit) continue;
      next++;
      lanes[(i - start) % LANES]! += ordered[i]! - origin;
    }
    const below = sums[start]! + total(lanes);
    const level = scale * (k - zeroPoint);
    gain += level * (2 * (below - sum) - (next - rank) * level);
    rank = next;
    sum = below;
  }
  return gain;
}

/** Where one is follows from the same operations for weights and limits, which are monotonic: what lies in a lower cell is less. */
function cellAt(value: number, lowest: number, cellsPerUnit: number, cells: number): number {
  const cell = Math.trunc((value - lowest) * cellsPerUnit);
  return cell > 0 ? Math.min(cell, cells - 1) : 0;
}
