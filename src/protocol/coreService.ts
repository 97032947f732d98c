import type { BestMethod } from '../core/bestMethod';
import type { LayerOptions } from '../core/allocation/layerOptions';
import type { Problem } from '../core/errors';
import type { CompareOptions, ModelComparison } from '../core/compare/compareModels';
import type { DataType } from '../core/onnx/dataType';
import type { Layer } from '../core/onnx/layer';
import type { LayerNode } from '../core/onnx/layerNodes';
import type { ExternalFile } from '../core/onnx/externalFile';
import type { ErrorMeasures } from '../core/metrics/errorMeasures';
import type { LayerStatistics } from '../core/statistics/layerStatistics';
import type { ChannelRange } from '../core/curves/channelRanges';
import type { ChannelErrors, LayerErrors } from '../core/curves/layerErrors';
import type { Detail } from '../core/curves/layerSample';
import type { SupportCurve as MeasuredSupport, SupportPoint } from '../core/curves/supportCurve';
import type { TriedSettings } from '../core/curves/triedSettings';
import type { FewPositions } from '../core/calibration/fewPositions';
import type { LayerInputs } from '../core/calibration/layerInputs';
import type { UncalibratedReason } from '../core/calibration/layerMatrix';
import type { UncorrectedReason } from '../core/tuning/layerBias';
import type { CopyFormat } from '../core/encodings/copyFormat';
import type { CopySize, SkippedLayer } from '../core/encodings/copySize';
import type { LayerSettings, PlannedLayer } from '../core/plan/layerSettings';
import type { CalibrationData, ImageLayout, Tuning } from '../core/plan/plan';
import type { AllocationCurves, AllocationRequest, ChosenWidths, CodingMeasure, LayerToAllocate } from './allocation';
import type { Evaluation, EvaluationInputs, EvaluationReference } from './evaluation';
import type { OutputComparison, OutputInputs } from './outputComparison';

export type { ChannelErrors, ChannelRange, Detail, LayerErrors, LayerInputs, SupportPoint, TriedSettings };

/** A model by its path, or by its bytes where the file system has no paths (virtual workspaces). */
export interface ModelLocation {
  path: string;
  bytes?: Uint8Array;
}

/** What crosses from a worker: the value, or the problem that stood in its way. Never a rejected promise. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; problem: Problem };

/** What is known of a model before any weight is read. */
export interface ModelSummary {
  path: string;
  /** Another one when the model's file or a file of its weights has changed; null for a model in memory. */
  version: string | null;
  bytes: number;
  producer: string;
  irVersion: number;
  opsets: Record<string, number>;
  parameters: number;
  layers: Layer[];
  externalFiles: ExternalFile[];
}

/** Levels and clip limits to draw over a histogram; per channel or block, those of the one with the widest support. */
export interface CodebookDrawing {
  levels: number[];
  thresholds: number[];
  support: [number, number];
  /** Which channel or block is drawn; null when one codebook serves the tensor. */
  channel: number | null;
}

/** One layer quantized in memory: its error over all its weights, and what it will take on disk. */
export interface LayerPreview extends ErrorMeasures {
  layer: number;
  name: string;
  settings: LayerSettings;
  /** SQNR of the layer's outputs on calibration inputs; null where it was not calibrated. */
  outputSqnrDb: number | null;
  /** Where the layer is rounded by so few of them that others may show more error. */
  fewPositions: FewPositions | null;
  /** Payload of the weight as stored now. */
  bytesBefore: number;
  /** The payload less what the copy saves, names and nodes counted; tables that layers share are in the totals only. */
  bytesAfter: number;
  codebook: CodebookDrawing;
}

export interface QuantizeReport {
  /** What was asked for: `size.layers` says what each layer got. */
  format: CopyFormat;
  layers: LayerPreview[];
  size: CopySize;
  /** Over the weights of all quantized layers together; null when there are none. */
  sqnrDb: number | null;
  /** Null where no layer was calibrated. */
  calibration: CalibrationInputs | null;
  /** Layers that are rounded to nearest though the plan asks for more, and why. */
  uncalibrated: { layer: number; name: string; reason: UncalibratedReason }[];
  /** Null where the plan asks for none. */
  corrections: Corrections | null;
  /** Paths written: the model first, then its external data. Empty after a preview. */
  outputs: string[];
  verified: Verification | null;
}

/** Inputs that layers were calibrated on. */
export interface CalibrationInputs {
  /** As many as the plan asks for, or all that there are. */
  samples: number;
  /** Whether bytes were divided by 255 without being told so. */
  scaled: boolean;
}

/** What a copy changes beside weights' codes. */
export interface Corrections {
  /** Pairs of layers whose channels are scaled. */
  equalizedPairs: number;
  /** Layers whose biases are corrected. */
  correctedBiases: number;
  /** Layers whose biases are not, though the plan asks for it. */
  uncorrected: { layer: number; name: string; reason: UncorrectedReason }[];
}

/** ONNX Runtime's own values of the copy's weights against the expected ones. */
export interface Verification {
  /** Largest absolute difference over all weights: 0 for a right copy. */
  maxAbsDifference: number;
  layers: number;
  /** `native` or `wasm`: which ONNX Runtime evaluated it. */
  runtime: string;
  /**
   * How far ONNX Runtime got with the whole copy, or why not at all. `ran`: once, on inputs made up for it. `loaded`: it was not run, as
   * it may loop without end, or no inputs of a bearable size could be made up that the source runs on.
   */
  wholeModel: 'ran' | 'loaded' | 'skipped-too-large' | 'source-does-not-load';
}

/** How a file of inputs fits a model. */
export interface InputsFit {
  /** Empty where arrays fit as they lie; else the orders of axes by which their images would. */
  layouts: ImageLayout[];
  /** Whether it has bytes for an input of floats, which are divided by 255 unless a scale is given. */
  hasPixels: boolean;
}

/**
 * Why it is not known what a layer is multiplied by. A copy calibrates layers all the same whose inputs are known `in-blocks`, unless
 * that chooses their levels, or are `beyond-memory`.
 */
export type MissingInputs = UncalibratedReason | 'in-blocks' | 'beyond-memory';

/** What layers are multiplied by in the float network, on calibration inputs. In memory that threads share. */
export interface CapturedInputs {
  inputs: ReadonlyMap<number, LayerInputs>;
  missing: ReadonlyMap<number, MissingInputs>;
  /** Whether bytes were divided by 255 without being told so. */
  scaled: boolean;
}

/** Settings tried on one layer. */
export interface TriedLayer {
  detail: Detail;
  /** Weights the figures are over. */
  weights: number;
  /** In the order asked for; settings that do not go with their method are left out. */
  tried: TriedSettings[];
}

export interface SupportCurve extends MeasuredSupport {
  layer: number;
}

export interface QuantizeTarget {
  path: string;
  format: CopyFormat;
  /** Replace existing files: all, none, or those of these paths. */
  force: boolean | readonly string[];
  verify: boolean;
  /** What else the plan says; its calibration data by a path that can be opened. */
  tuning?: Tuning;
}

export interface TensorTarget {
  path: string;
  /** Replace what stands there: the files of these paths. */
  force: readonly string[];
}

export interface SavedTensor {
  path: string;
  dims: number[];
  /** As written: bfloat16 is widened to float32. */
  dtype: DataType;
}

/** Missing external data of a model, and the file that a person says is it. */
export interface DataSource {
  /** As the model names it. */
  location: string;
  /** The path of the file. */
  source: string;
}

export interface LocatedData extends DataSource {
  /** Where the model looks for it. */
  target: string;
  /** Of the file. */
  bytes: number;
}

/**
 * The core as the editor and the command line call it. Calls carry everything they need, so that any worker can serve
 * any call and a restarted worker needs no history; workers keep recent indexes in memory by path, size and time.
 */
export interface CoreService {
  openModel(model: ModelLocation): Promise<Outcome<ModelSummary>>;
  layerStatistics(model: ModelLocation, layer: number, bins: number): Promise<Outcome<LayerStatistics>>;
  /** With the layer's inputs its outputs are measured, and it is rounded as planned; without, to nearest. */
  previewLayer(
    model: ModelLocation, planned: PlannedLayer, format: CopyFormat, inputs?: LayerInputs,
  ): Promise<Outcome<LayerPreview>>;
  /** With the layer's inputs its outputs are measured, where exact figures are asked for: `approximate` has none, however exact. */
  tryLayer(
    model: ModelLocation, layer: number, settings: LayerSettings[], detail: Detail, inputs?: LayerInputs,
  ): Promise<Outcome<TriedLayer>>;
  /** The planned method's bits and grid; of a method other than uniform, mid-rise at 2 bits and else symmetric. */
  supportCurve(model: ModelLocation, planned: PlannedLayer, limits: number[], detail: Detail): Promise<Outcome<SupportCurve>>;
  layerErrors(model: ModelLocation, planned: PlannedLayer, bins: number): Promise<Outcome<LayerErrors>>;
  /** Whatever the plan says; empty where the layer has no channel axis. */
  channelRanges(model: ModelLocation, layer: number): Promise<Outcome<ChannelRange[]>>;
  /** The first of the nodes that consume the layer's weight, at most so many. */
  layerNodes(model: ModelLocation, layer: number, most: number): Promise<Outcome<LayerNode[]>>;
  /** Tries every method at the planned width and granularity. */
  bestMethod(model: ModelLocation, planned: PlannedLayer, format: CopyFormat): Promise<Outcome<BestMethod>>;
  /**
   * Progress is by weights. Layers whose weights cannot be quantized are left out. With calibration data, errors are those of
   * outputs, all other layers being in float; of layers whose inputs cannot be had, those of weights.
   */
  layerOptions(
    model: ModelLocation, layers: LayerToAllocate[], format: CopyFormat, calibration?: CalibrationData,
  ): Promise<Outcome<LayerOptions[]>>;
  /** In the order of the layers, which can all be quantized. Progress is by weights. */
  codingLengths(model: ModelLocation, layers: number[], measure: CodingMeasure): Promise<Outcome<number[]>>;
  /** Quick: `options` are what `layerOptions` measured of the same layers. */
  chooseWidths(
    model: ModelLocation, layers: LayerToAllocate[], options: LayerOptions[], request: AllocationRequest,
  ): Promise<Outcome<ChosenWidths>>;
  /** Quick, as `chooseWidths`: what there is to choose from. */
  allocationCurves(
    model: ModelLocation, layers: LayerToAllocate[], options: LayerOptions[], format: CopyFormat,
  ): Promise<Outcome<AllocationCurves>>;
  /** Whether a file of inputs can be read and fits the model. */
  inputsFit(model: ModelLocation, file: string): Promise<Outcome<InputsFit>>;
  /** Runs the float network on calibration data. Progress is by runs. */
  captureInputs(model: ModelLocation, layers: number[], calibration: CalibrationData): Promise<Outcome<CapturedInputs>>;
  copySize(model: ModelLocation, plan: PlannedLayer[], format: CopyFormat): Promise<Outcome<CopySize>>;
  /** Those that a copy leaves as they are, their weights being looked at; `tuning` as in `QuantizeTarget`. */
  skippedLayers(model: ModelLocation, plan: PlannedLayer[], format: CopyFormat, tuning: Tuning): Promise<Outcome<SkippedLayer[]>>;
  /** `tuning` as in `QuantizeTarget`. */
  previewModel(model: ModelLocation, plan: PlannedLayer[], format: CopyFormat, tuning?: Tuning): Promise<Outcome<QuantizeReport>>;
  saveTensor(model: ModelLocation, layer: number, target: TensorTarget): Promise<Outcome<SavedTensor>>;
  /**
   * Checks a file that is to be missing external data of a model on disk. Other missing files that lie beside it as the model
   * has them, and pass the same checks, come after it.
   */
  locateData(model: ModelLocation, data: DataSource): Promise<Outcome<LocatedData[]>>;
  /** Copies files to where the model looks for them; nothing is replaced. Progress is by bytes. */
  copyData(model: ModelLocation, data: DataSource[]): Promise<Outcome<LocatedData[]>>;
  quantizeModel(model: ModelLocation, plan: PlannedLayer[], target: QuantizeTarget): Promise<Outcome<QuantizeReport>>;
  compareModels(a: ModelLocation, b: ModelLocation, options: CompareOptions): Promise<Outcome<ModelComparison>>;
  /** Of models on disk, in ONNX Runtime. */
  compareOutputs(a: ModelLocation, b: ModelLocation, inputs: OutputInputs): Promise<Outcome<OutputComparison>>;
  /** Of models on disk, in ONNX Runtime; a copy is written into a temporary folder and removed. */
  evaluateModel(
    model: ModelLocation, reference: EvaluationReference | null, inputs: EvaluationInputs,
  ): Promise<Outcome<Evaluation>>;
}
