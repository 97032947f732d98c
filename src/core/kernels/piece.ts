import type { FloatArray } from '../onnx/dataType';
import { kernels, type Kernels } from './instance';
import { PIECE, WORK } from './memoryMap';

/** Fewer weights are done by plain loops before they are copied to the kernels. */
export const FEWEST = 256;

/** Weights as the kernels take them: no more than `PIECE`, and where they are in the kernels' memory too, the kernels. */
export interface Piece {
  weights: FloatArray;
  /** Null where the plain loops have to do: for few weights, for float64, and without WebAssembly SIMD. */
  wasm: Kernels | null;
  /** Weights that the kernels see: all but the last one to three. Plain loops do the rest. */
  whole: number;
}

/** A run of weights as pieces, each to be done with before the next is asked for. */
export function* piecesOf(weights: FloatArray): Generator<Piece> {
  for (let start = 0; start < weights.length; start += PIECE) yield pieceOf(weights.subarray(start, start + PIECE));
}

/** Weights, at most `PIECE`, as one piece, to be done with before there is another. */
export function pieceOf(weights: FloatArray, fewest = FEWEST): Piece {
  const wasm = weights instanceof Float32Array && weights.length >= fewest ? kernels() : null;
  if (!wasm) return { weights, wasm, whole: 0 };
  new Float32Array(wasm.memory.buffer, WORK, weights.length).set(weights);
  return { weights, wasm, whole: weights.length & ~3 };
}
