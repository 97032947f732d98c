import type { UnquantizableReason } from '../onnx/layer';
import type { UnusableReason } from '../quantizers/unusableWeights';
import type { CopyFormat, FormatObstacle } from './copyFormat';

/** Why a layer of the model is not quantized in a copy. */
export type SkipReason = UnquantizableReason | UnusableReason | 'float-in-plan' | 'not-a-weight' | 'not-smaller' | 'constant';

export interface SkippedLayer {
  layer: number;
  name: string;
  reason: SkipReason;
}

/** How a copy stores one layer. */
export interface StoredLayer {
  layer: number;
  bytesBefore: number;
  bytesAfter: number;
  /** Not the one asked for where there is an `obstacle`. */
  format: CopyFormat;
  obstacle: FormatObstacle | null;
}

/** What a copy would take on disk, known without reading a weight. */
export interface CopySize {
  /** Model file and external data, as they lie on disk. */
  bytesBefore: number;
  bytesAfter: number;
  /** Mean bits over the weights of all layers; a layer left as it is counts those that it is stored in. */
  averageBits: number;
  /**
   * By planned layer; absent for those skipped. Before: the weight's payload. After: the same less what the copy saves, so
   * names, nodes and headers are counted, wherever they go, and the differences of all layers, less shared tables, make up
   * the total's.
   */
  layers: StoredLayer[];
  skipped: SkippedLayer[];
}
