import type { ModelFiles } from '../bytes/byteSource';
import { bitsOfName } from '../encodings/codesName';
import { channelCount } from '../groups/layerGroups';
import { isCodeType } from './constantExpression';
import { bitsPerElement, isFloatType, type DataType } from './dataType';
import { readCodes } from './integers';
import type { Layer, QuantizedStorage } from './layer';
import type { ConstantStep, TensorRecord } from './modelIndex';
import type { Dequantization } from './trace';
import { readWeights, sourceOf } from './weights';

/** Scales of one weight that are read when a model is opened: 256 KB at most. Those of small blocks can be as many as codes. */
const MOST_SCALES = 1 << 16;

/** Of all weights together: some milliseconds. */
const MOST_SCALES_OF_A_MODEL = 1 << 22;

/** A layer as far as its storage is concerned. */
type QuantizedWeight = Pick<Layer, 'dims' | 'dtype' | 'elements' | 'bytes' | 'channelAxis' | 'consumers' | 'channelGroups'>;

/**
 * How layers that are quantized already are stored, scales and zero points read where they are few.
 * @param missing external data locations that are not there
 * @throws CoreError `malformed`, `truncated`, `file-unreadable`
 */
export function quantizedStorages(
  files: ModelFiles, tensors: TensorRecord[], missing: ReadonlySet<string>,
): (layer: QuantizedWeight, record: TensorRecord, by: Dequantization | null) => QuantizedStorage {
  let left = MOST_SCALES_OF_A_MODEL;
  const readable = (tensor: TensorRecord | undefined): TensorRecord | null => {
    if (!tensor || tensor.elements === 0 || tensor.elements > Math.min(left, MOST_SCALES)) return null;
    if (tensor.sparse || tensor.computed || missing.has(tensor.storage.file)) return null;
    left -= tensor.elements;
    return tensor;
  };
  return (layer, record, by) => {
    const scale = record.computed ? ownScale(record) : tensors[by?.scale ?? -1];
    const scales = readable(scale);
    const zeroPoint = tensors[by?.zeroPoint ?? -1];
    const zeroPoints = zeroPoint && isPacked(zeroPoint, by) ? null : readable(zeroPoint);
    return {
      bits: bitsOf(layer, record, by),
      granularity: granularityOf(layer, by, scale),
      scale: scales && isFloatType(scales.dtype) ? range(readWeights(files, scales)) : null,
      zeroPoint: zeroPoints && isCode(zeroPoints.dtype) ? range(readCodes(sourceOf(files, zeroPoints), zeroPoints)) : null,
    };
  };
}

/** Those that levels are told apart by; where nothing says how many these are, those that a code is stored in. */
function bitsOf(layer: QuantizedWeight, record: TensorRecord, by: Dequantization | null): number {
  const { name, dtype } = codesOf(record);
  const said = bitsOfName(name) ?? by?.bits;
  return said ?? (record.computed ? Math.floor((8 * layer.bytes) / codeCount(layer, record.computed)) : bitsPerElement(dtype));
}

function codesOf(record: TensorRecord): TensorRecord {
  const step = record.computed?.find(({ constant }) => constant && isCodeType(constant.dtype));
  return (step?.constant as TensorRecord | undefined) ?? record;
}

/** MatMulNBits takes whole blocks of codes. */
function codeCount({ elements }: QuantizedWeight, computed: ConstantStep[]): number {
  const { op, parameters: [inputs = 0, outputs = 0, , blockSize = 1] } = computed.at(-1)!;
  return op === 'MatMulNBits' ? outputs * blockSize * Math.ceil(inputs / blockSize) : elements;
}

/** Of a weight that nodes compute as copies of this program do: the constant that the last product is with. */
function ownScale({ computed = [] }: TensorRecord): TensorRecord | undefined {
  const product = computed.filter(({ op }) => op === 'Mul').at(-1);
  return product && computed[product.inputs[1]!]?.constant as TensorRecord | undefined;
}

/** Whether several zero points share an element of their tensor. */
function isPacked({ dtype }: TensorRecord, by: Dequantization | null): boolean {
  return by !== null && by.bits !== null && by.bits < bitsPerElement(dtype);
}

function isCode(dtype: DataType): boolean {
  return /^u?int(2|4|8|16)$/.test(dtype);
}

function granularityOf(
  layer: QuantizedWeight, by: Dequantization | null, scale: TensorRecord | undefined,
): QuantizedStorage['granularity'] {
  if (by?.blockSize) return `block:${by.blockSize}`;
  if (!scale) return null;
  if (scale.elements === 1) return 'tensor';
  return layer.channelAxis !== null && [layer.dims[layer.channelAxis], channelCount(layer)].includes(scale.elements) ? 'channel' : null;
}

function range(values: Iterable<number>): QuantizedStorage['scale'] {
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min <= max ? { min, max } : null;
}
