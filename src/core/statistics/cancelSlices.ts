import type { FloatArray } from '../onnx/dataType';

/** Weights looked at between two looks at the cancel signal: some milliseconds of work. */
export const SLICE = 1 << 20;

/** A long run of weights as consecutive pieces [start, end), so that work over it can be cancelled in between. */
export function* sliceRanges(length: number): Generator<[start: number, end: number]> {
  for (let start = 0; start < length; start += SLICE) yield [start, Math.min(length, start + SLICE)];
}

/** The same as views of an array. Short runs are many, and so would be generators for them. */
export function slicesOf<Run extends FloatArray | Uint8Array>(run: Run): Iterable<Run> {
  return run.length <= SLICE ? [run] : viewsOf(run);
}

function* viewsOf<Run extends FloatArray | Uint8Array>(run: Run): Generator<Run> {
  for (const [start, end] of sliceRanges(run.length)) yield run.subarray(start, end) as Run;
}
