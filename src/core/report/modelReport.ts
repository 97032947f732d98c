import type { UncalibratedReason } from '../calibration/layerMatrix';
import type { CopyFormat } from '../encodings/copyFormat';
import type { SkipReason } from '../encodings/copySize';
import type { Consumer } from '../onnx/layer';
import type { LayerSettings } from '../plan/layerSettings';
import type { UncorrectedReason } from '../tuning/layerBias';

/** What is known of a model under its plan, for people to take away. Every renderer of this folder starts from here. */
export interface ModelReport {
  /** The version of Quantscope. */
  quantscope: string;
  model: { name: string; producer: string; opset: string; bytes: number; parameters: number };
  /** The plan's file, and whether it says what is reported; null where nothing was planned. */
  plan: { file: string; isSaved: boolean } | null;
  /** `bytesAfter` and `averageBits` are null where they are not known, `sqnrDb` without a quantized layer. */
  total: { bytesBefore: number; bytesAfter: number | null; averageBits: number | null; sqnrDb: number | null };
  /** The file, how many of its samples, and how it was read, if not as it lies; null where nothing is calibrated. */
  calibration: { inputs: string; samples: number; reading: string } | null;
  /** What the copy changes beside weights' codes; null where the plan asks for none. */
  corrections: { equalizedPairs: number; correctedBiases: number; uncorrected: NamedLayer<UncorrectedReason>[] } | null;
  /** How copies are to store weights; `quantized.format` says how each layer's are. */
  format: CopyFormat;
  /** Layers that stay as they are. */
  skipped: NamedLayer<SkipReason>[];
  /** Layers that are rounded to nearest though the plan asks for more. */
  uncalibrated: NamedLayer<UncalibratedReason>[];
  /** What the last evaluation found on a file, and whether it was of this model and this plan; null where there was none. */
  evaluation: ReportedEvaluation | null;
  layers: ReportedLayer[];
}

/** An evaluation in a sentence, and in figures as `evaluate --json` names them. */
export interface ReportedEvaluation extends EvaluationFigures {
  inputs: string;
  labels: string | null;
  found: string;
  isCurrent: boolean;
}

/** Accuracies are shares from 0 to 1; what is not known is null. */
export interface EvaluationFigures {
  samples: number;
  runtime: string;
  evaluated: { top1: number | null; top5: number | null };
  referenceAccuracy: { top1: number | null; top5: number | null } | null;
  agreement: number | null;
  outputs: {
    name: string;
    referenceName: string | null;
    dims: number[];
    sqnrDb: number | null;
    maxAbsDifference: number | null;
    cosine: number | null;
    notFinite: number;
    top1Agreement: number | null;
  }[];
}

/** A layer that something cannot be done with, and why. */
export interface NamedLayer<Reason> {
  name: string;
  scope: string;
  reason: Reason;
}

export interface ReportedLayer {
  name: string;
  /** Path of the subgraph or function that holds it; `''` is the main graph. */
  scope: string;
  consumers: Consumer[];
  dims: number[];
  dtype: string;
  elements: number;
  bytes: number;
  /** Null for a layer that stays as it is. */
  quantized: QuantizedFigures | null;
  /** Why a layer stays as it is, or in what a copy does not do with it as planned; null where nothing more is to be said. */
  note: string | null;
  /** Counts of equal-width bins; null where no weight was read. */
  histogram: { min: number; max: number; counts: number[] } | null;
}

export interface QuantizedFigures extends LayerSettings {
  mse: number;
  /** Infinity when nothing is lost, -Infinity without a signal. */
  sqnrDb: number;
  predictedSqnrDb: number;
  /** Of the layer's outputs on calibration data, in the copy; null where they were not measured. */
  outputSqnrDb: number | null;
  maxAbsError: number;
  cosine: number;
  bytesAfter: number;
  format: CopyFormat;
}
