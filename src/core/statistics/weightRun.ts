import type { FloatArray } from '../onnx/dataType';
import { blocksOf } from './blocks';

/** More weights than are worth having in memory: they are read anew whenever they are gone through. */
export interface ReadWeights {
  length: number;
  /** All in order, each piece valid until the next. */
  read(): Iterable<FloatArray>;
}

/** Weights that belong together, in memory or not. */
export type WeightRun = FloatArray | ReadWeights;

/** A run in pieces, between which work over it can be cancelled. */
export function runBlocks(run: WeightRun): Iterable<FloatArray> {
  return 'read' in run ? run.read() : blocksOf(run);
}

/** A run that is known to be short, or in memory already. */
export function inMemory(run: WeightRun): FloatArray {
  if (!('read' in run)) return run;
  const all = new Float32Array(run.length);
  let at = 0;
  for (const block of run.read()) {
    all.set(block, at);
    at += block.length;
  }
  return all;
}
