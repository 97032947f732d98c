import type { Problem } from '../core/errors';
import type { Difference } from '../core/compare/difference';
import type { ImageLayout } from '../core/plan/plan';

/** What makes fractions of pixels. */
export const PIXEL_SCALE = 1 / 255;

/** How the arrays of an input file are to be read. */
export interface InputOptions {
  /** What values are multiplied by; when left out `PIXEL_SCALE` for pixels given to a float input, 1 otherwise. */
  scale?: number;
  /** How images lie in the file; they are turned where the model's input lies the other way. */
  layout?: ImageLayout;
}

export interface FirstInputs extends InputOptions {
  /** The first so many samples are run, and those that a model of a fixed batch runs with them; all when left out. */
  samples?: number;
}

export interface OutputInputs extends FirstInputs {
  /** A `.npy`, `.npz` or IDX file; seeded random inputs when left out. */
  file?: string;
}

/** One output of two models on the same inputs. */
export interface OutputDifference {
  /** Its names in the two models. */
  a: string;
  b: string;
  /** In one run. */
  dims: number[];
  /** Of B's values from A's over all samples; null where the shapes differ or there are no numbers. */
  difference: Difference | null;
  /** Pairs of which one number or both are NaN or infinite, over all samples: `difference` is of the others. Null with it. */
  notFinite: number | null;
  /** Share of samples whose largest value stands at the same place, for outputs of one row a sample; null otherwise.
   * A row that holds NaN has no largest value, and agrees with none. */
  top1Agreement: number | null;
}

/** What two models make of the same inputs in ONNX Runtime. */
export interface OutputComparison {
  /** Null: seeded random inputs, floats uniform in [0, 1), integers 0 or 1, open dimensions 1. */
  file: string | null;
  samples: number;
  /** Whether the file's bytes were divided by 255 without being told so. */
  scaled: boolean;
  /** Names of the file's arrays that neither model takes. */
  unused: string[];
  /** `native` or `wasm`; null when nothing ran. */
  runtime: string | null;
  outputs: OutputDifference[];
  /** Names of outputs that the other model has no counterpart of. */
  onlyA: string[];
  onlyB: string[];
  /** Why there is nothing to compare. */
  problem: Problem | null;
}

/** What JSON documents tell of a difference. */
export function measures(difference: Difference | null): Record<'sqnrDb' | 'maxAbsDifference' | 'cosine', number | null> {
  const { sqnrDb = null, maxAbsDifference = null, cosine = null } = difference ?? {};
  return { sqnrDb, maxAbsDifference, cosine };
}
