import type { FloatArray } from '../onnx/dataType';
import { kernels, type Kernels } from './instance';
import { CHUNK, PIECE, CHUNK_WEIGHTS, WORK } from './memoryMap';

/** Fewer weights are done by plain loops before they are copied to the kernels. */
export const FEWEST = 256;
/** Fewer by plain loops even where the kernels have them: a call takes as long as a loop over so many. */
const FEWEST_THERE = 16;

/** Weights as the kernels take them, and where they are in the kernels' memory too, the kernels. */
export interface Piece {
  weights: FloatArray;
  /** Null where the plain loops have to do: for few weights, for float64, and without WebAssembly SIMD. */
  wasm: Kernels | null;
  /** Where the kernels find the weights. */
  at: number;
  /** Weights that the kernels see: all but none to three of the last. Plain loops do the rest. */
  whole: number;
}

/** Room for a chunk of weights in the kernels' memory: what is read into it is not copied to become pieces. */
export function chunkBuffer(): Uint8Array | undefined {
  const wasm = kernels();
  return wasm ? new Uint8Array(wasm.memory.buffer, CHUNK_WEIGHTS, 4 * CHUNK) : undefined;
}

/** A run of weights as pieces of at most `PIECE`, each to be done with before the next is asked for. */
export function piecesOf(weights: FloatArray): Iterable<Piece> {
  return weights.length <= PIECE ? [pieceOf(weights)] : severalPieces(weights);
}

function* severalPieces(weights: FloatArray): Generator<Piece> {
  for (let start = 0; start < weights.length; start += PIECE) yield pieceOf(weights.subarray(start, start + PIECE));
}

/** The same for what has no result for each weight: as one piece, however long, where it is in `chunkBuffer`. */
export function longPiecesOf(weights: FloatArray): Iterable<Piece> {
  return weights.buffer === kernels()?.memory.buffer ? [pieceOf(weights)] : piecesOf(weights);
}

/** Weights, at most `PIECE` unless they are in `chunkBuffer`, as one piece, to be done with before there is another. */
export function pieceOf(weights: FloatArray, fewest = FEWEST): Piece {
  const wasm = weights instanceof Float32Array && weights.length >= FEWEST_THERE ? kernels() : null;
  const isThere = wasm?.memory.buffer === weights.buffer;
  if (!wasm || (!isThere && weights.length < fewest)) return { weights, wasm: null, at: 0, whole: 0 };
  const whole = weights.length & ~3;
  if (isThere) return { weights, wasm, at: weights.byteOffset, whole };
  wasm.work.set(weights);
  return { weights, wasm, at: WORK, whole };
}
