import type { CopyFormat } from '../core/encodings/copyFormat';
import type { PlannedLayer } from '../core/plan/layerSettings';
import type { Tuning } from '../core/plan/plan';
import type { QuantizeReport } from './coreService';
import type { OutputComparison, OutputDifference, OutputInputs } from './outputComparison';

/** What a model is run on, and what is to come of it. */
export interface EvaluationInputs extends OutputInputs {
  /** An IDX, `.npy` or `.npz` file of one whole number a sample: its class. */
  labels?: string;
}

/** A copy that is evaluated and not kept. */
export interface EvaluatedCopy {
  plan: PlannedLayer[];
  format: CopyFormat;
  /** As in `QuantizeTarget`. */
  tuning?: Tuning;
}

/** What a model is held against: a model on disk, or the model itself, its copy being evaluated in its place. */
export type EvaluationReference = { path: string } | { copy: EvaluatedCopy };

/** Shares of samples, from 0 to 1; null without labels. */
export interface Accuracy {
  /** Samples whose label has the largest value, the first of equal ones; where one is NaN none is right. */
  top1: number | null;
  /** Samples whose label is among the five largest; null where there are no more than five classes. */
  top5: number | null;
}

/** One output of the evaluated model. */
export interface EvaluatedOutput {
  name: string;
  /** In one run. */
  dims: number[];
  /** Numbers that are NaN or infinite, over all samples. */
  notFinite: number;
}

/** How a model does on some inputs in ONNX Runtime. */
export interface Evaluation {
  /** Null: seeded random inputs, as `OutputComparison` has them. */
  file: string | null;
  labels: string | null;
  samples: number;
  /** As in `OutputComparison`. */
  scaled: boolean;
  /** Names of the file's arrays that no model takes. */
  unused: string[];
  /** `native` or `wasm`. */
  runtime: string;
  evaluated: Accuracy;
  outputs: EvaluatedOutput[];
  /** Null without a reference. */
  reference: EvaluatedReference | null;
  /** Layers of the copy that is evaluated, where it is one. */
  copyLayers?: QuantizeReport['layers'];
}

/** How the reference does, and how far the evaluated model's outputs are from its. */
export interface EvaluatedReference extends Pick<OutputComparison, 'onlyA' | 'onlyB'> {
  accuracy: Accuracy;
  /** Share of samples that both models put into the same class; null where there are no classes. */
  agreement: number | null;
  /** A is the reference, B what is evaluated. */
  outputs: OutputDifference[];
}
