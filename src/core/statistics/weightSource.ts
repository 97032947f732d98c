import type { FloatArray } from '../onnx/dataType';
import { slicesOf } from './cancelSlices';

/** More weights than are worth having in memory: they are read anew whenever they are gone through. */
export interface StreamedWeights {
  length: number;
  /** All in order, each piece valid until the next. */
  read(): Iterable<FloatArray>;
}

/** Weights that belong together, in memory or not. */
export type WeightSource = FloatArray | StreamedWeights;

/** A run in pieces, between which work over it can be cancelled. */
export function slicesOfSource(run: WeightSource): Iterable<FloatArray> {
  return 'read' in run ? run.read() : slicesOf(run);
}

/** A run that is known to be short, or in memory already. */
export function inMemory(run: WeightSource): FloatArray {
  if (!('read' in run)) return run;
  const all = new Float32Array(run.length);
  let at = 0;
  for (const block of run.read()) {
    all.set(block, at);
    at += block.length;
  }
  return all;
}
