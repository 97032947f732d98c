import { bitsPerElement, type DataType } from './dataType';

/** A weight tensor and the nodes that consume it. One weight with several consumers is one layer. */
export interface Layer {
  /** Position in `ModelIndex.layers`. */
  index: number;
  /** Initializer or Constant output name: unique within its scope. */
  name: string;
  /** Path of the scope the weight is stored in; `''` is the main graph. */
  scope: string;
  /** `input` is the consumer's input number; consumers behind Identity, Cast, Transpose, Reshape, … are the compute nodes. */
  consumers: Consumer[];
  dims: number[];
  dtype: DataType;
  elements: number;
  /** Payload bytes as stored. */
  bytes: number;
  /** Axis of the stored tensor that is the output channel, or null where there is none (or a Reshape hides it). */
  channelAxis: number | null;
  /** Set where the indices of another axis are in groups that each have output channels of their own. */
  channelGroups?: ChannelGroups;
  storage: { file: string; offset: number; length: number; form: 'raw' | 'typed' | 'external' | 'sparse' };
  quantizable: true | { reason: UnquantizableReason };
  /** Set for what looks like a Fourier basis or the like: quantized only when it is asked for by name. */
  fixed?: true;
  /** Set for weights that are quantized already. */
  quantized?: QuantizedStorage;
  /** Index into `ModelIndex.tensors`. */
  tensor: number;
}

/** Of a grouped ConvTranspose: `size` neighbouring indices of the axis, its input channels, make up a group. */
export interface ChannelGroups {
  axis: number;
  size: number;
}

/** How weights that are quantized already are stored. */
export interface QuantizedStorage {
  /** Of a weight's integer; of its code in a copy made by this program, which may be stored in more. */
  bits: number;
  /** What shares a scale; null where that is not known. */
  granularity: 'tensor' | 'channel' | `block:${number}` | null;
  /** Least and greatest; null where there is no constant scale, or too many to be read when a model is opened. */
  scale: { min: number; max: number } | null;
  /** Likewise; null where it is 0. */
  zeroPoint: { min: number; max: number } | null;
}

export interface Consumer {
  op: string;
  node: string;
  input: number;
}

/** Why the writer leaves a layer alone. Text for people: `src/protocol/problemText.ts`. */
export type UnquantizableReason =
  | 'already-quantized'
  | 'dtype-not-supported'
  | 'external-missing'
  | 'empty'
  | 'opset-too-old';

/** Of a weight as it is: of its integer or code where it is quantized already. */
export function storedBits({ quantized, dtype }: Pick<Layer, 'quantized' | 'dtype'>): number {
  return quantized?.bits ?? bitsPerElement(dtype);
}

/** The key of a layer in a plan: its name, or `scope::name` outside the main graph. */
export function layerKey(layer: Pick<Layer, 'name' | 'scope'>): string {
  return layer.scope === '' ? layer.name : `${layer.scope}::${layer.name}`;
}
