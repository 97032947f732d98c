import type { Problem } from '../core/errors';
import type { Layer } from '../core/onnx/layer';
import type { ErrorMeasures } from '../core/metrics/errorMeasures';
import type { LayerStatistics } from '../core/statistics/layerStatistics';
import type { CopySize } from '../core/encodings/copySize';
import type { LayerSettings, PlannedLayer } from '../core/plan/layerSettings';

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
  bytes: number;
  producer: string;
  irVersion: number;
  opsets: Record<string, number>;
  graphName: string;
  parameters: number;
  layers: Layer[];
  externalFiles: { location: string; bytes: number | null }[];
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
  /** Payload of the weight as stored now. */
  bytesBefore: number;
  /** The payload less what the copy saves, names and nodes counted; tables that layers share are in the totals only. */
  bytesAfter: number;
  codebook: CodebookDrawing;
}

export interface QuantizeReport {
  layers: LayerPreview[];
  size: CopySize;
  /** Over the weights of all quantized layers together; null when there are none. */
  sqnrDb: number | null;
  /** Paths written: the model first, then its external data. Empty after a preview. */
  outputs: string[];
  verified: Verification | null;
}

/** ONNX Runtime's own values of the copy's weights against the expected ones. */
export interface Verification {
  /** Largest absolute difference over all weights: 0 for a right copy. */
  maxAbsDifference: number;
  layers: number;
  /** `native` or `wasm`: which ONNX Runtime evaluated it. */
  runtime: string;
  /** Whether the whole copy was loaded as a session, or why not. */
  wholeModel: 'loaded' | 'skipped-too-large' | 'source-does-not-load';
}

export interface QuantizeTarget {
  path: string;
  /** Replace existing files: all, none, or those of these paths. */
  force: boolean | readonly string[];
  verify: boolean;
}

/**
 * The core as the editor and the command line call it. Calls carry everything they need, so that any worker can serve
 * any call and a restarted worker needs no history; workers keep recent indexes in memory by path, size and time.
 */
export interface CoreService {
  openModel(model: ModelLocation): Promise<Outcome<ModelSummary>>;
  layerStatistics(model: ModelLocation, layer: number, bins: number): Promise<Outcome<LayerStatistics>>;
  previewLayer(model: ModelLocation, planned: PlannedLayer): Promise<Outcome<LayerPreview>>;
  copySize(model: ModelLocation, plan: PlannedLayer[]): Promise<Outcome<CopySize>>;
  previewModel(model: ModelLocation, plan: PlannedLayer[]): Promise<Outcome<QuantizeReport>>;
  quantizeModel(model: ModelLocation, plan: PlannedLayer[], target: QuantizeTarget): Promise<Outcome<QuantizeReport>>;
}
