import type { FloatArray } from '../onnx/dataType';

/** Weights looked at between two looks at the cancel signal: some milliseconds of work. */
export const BLOCK = 1 << 20;

/** A long run of weights as consecutive pieces [start, end), so that work over it can be cancelled in between. */
export function* blockRanges(length: number): Generator<[start: number, end: number]> {
  for (let start = 0; start < length; start += BLOCK) yield [start, Math.min(length, start + BLOCK)];
}

/** The same as views of an array. */
export function* blocksOf(weights: FloatArray): Generator<FloatArray> {
  for (const [start, end] of blockRanges(weights.length)) yield weights.subarray(start, end);
}
