import { CoreError } from '../errors';
import { sliceRanges } from '../statistics/cancelSlices';
import { toBfloat16 } from './bfloat16';
import type { DataType, FloatArray } from './dataType';
import { elementCount } from './elementCount';
import { fromFloat16Bits, toFloat16Bits } from './float16';
import type { ConstantStep } from './modelIndex';

/** Elements of a constant, or of what is computed of some. */
export type Numbers = FloatArray | Int32Array | Uint8Array | Int8Array;

/** Told how many elements were computed since it was told last. @throws CoreError `cancelled` */
export type Watch = (elements: number) => void;

/** (field − zero point) · scale, fields and zero points from a byte's lowest bits on (ONNX Runtime, ContribOperators.md). */
export function multiplied({ parameters }: ConstantStep, [fields, scales, zeroPoints]: Numbers[], watch: Watch): Numbers {
  const [ins, outs, bits, blockSize, turned] = parameters as [number, number, number, number, number];
  const blocks = Math.ceil(ins / blockSize);
  const perByte = 8 / bits;
  const rowBytes = (blocks * blockSize) / perByte;
  const zeroBytes = Math.ceil(blocks / perByte);
  const field = (bytes: Numbers, row: number, at: number): number => (
    (bytes[row + Math.floor(at / perByte)]! >> (bits * (at % perByte))) & (2 ** bits - 1)
  );
  const weights = new Float32Array(ins * outs);
  for (let out = 0; out < outs; out++) {
    for (let block = 0; block < blocks; block++) {
      const zero = zeroPoints ? field(zeroPoints, out * zeroBytes, block) : 2 ** (bits - 1);
      const scale = scales![out * blocks + block]!;
      const end = Math.min(ins, (block + 1) * blockSize);
      for (let i = block * blockSize; i < end; i++) {
        const level = (field(fields!, out * rowBytes, i) - zero) * scale;
        weights[turned ? i * outs + out : out * ins + i] = level;
      }
      watch(blockSize);
    }
  }
  return weights;
}

export function allocate({ dtype, dims }: Pick<ConstantStep, 'dtype' | 'dims'>): Numbers {
  const elements = elementCount(dims);
  switch (dtype) {
    case 'uint8': return new Uint8Array(elements);
    case 'int8': return new Int8Array(elements);
    case 'int32': return new Int32Array(elements);
    case 'float64': return new Float64Array(elements);
    default: return new Float32Array(elements);
  }
}

export function cast(values: Numbers, dtype: DataType, watch: Watch): Numbers {
  const result = allocate({ dtype, dims: [values.length] });
  for (const [start, end] of sliceRanges(values.length)) {
    result.set(values.subarray(start, end), start);
    watch(end - start);
  }
  return rounded(result, dtype, watch);
}

/** The array that it is given. Half precision is held in float32. */
export function rounded(values: Numbers, dtype: DataType, watch: Watch): Numbers {
  const round = dtype === 'float16' ? toFloat16 : dtype === 'bfloat16' ? toBfloat16 : null;
  if (!round) return values;
  for (const [start, end] of sliceRanges(values.length)) {
    for (let i = start; i < end; i++) values[i] = round(values[i]!);
    watch(end - start);
  }
  return values;
}

function toFloat16(value: number): number {
  return fromFloat16Bits(toFloat16Bits(value));
}

export function gather(
  table: Numbers, dims: number[], indices: Numbers, { parameters, ...step }: ConstantStep, watch: Watch,
): Numbers {
  const [axis] = parameters as [number];
  const size = dims[axis]!;
  const inner = elementCount(dims.slice(axis + 1));
  const out = allocate(step);
  let next = 0;
  for (let at = 0; at < table.length; at += size * inner) {
    for (const index of indices) {
      if (!(index >= 0 && index < size)) throw new CoreError('malformed', {}, { what: 'code outside its table', value: index });
      for (let k = 0; k < inner; k++) out[next++] = table[at + index * inner + k]!;
      watch(inner);
    }
  }
  return out;
}

export function tile(values: Numbers, dims: number[], { parameters: repeats, dtype }: ConstantStep, watch: Watch): Numbers {
  let result = values;
  let inner = 1;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    const run = dims[axis]! * inner;
    const times = repeats[axis]!;
    const out = allocate({ dtype, dims: [result.length * times] });
    for (const [start, end] of sliceRanges(out.length)) {
      for (let i = start; i < end; i++) out[i] = result[Math.floor(i / (run * times)) * run + (i % run)]!;
      watch(end - start);
    }
    result = out;
    inner = run * times;
  }
  return result;
}

/** Distance between neighbours along each axis of the result; 0 where an operand is repeated. */
export function strides(own: number[], dims: number[]): number[] {
  const result = new Array<number>(dims.length).fill(0);
  let stride = 1;
  for (let axis = own.length - 1; axis >= 0; axis--) {
    if (own[axis]! > 1) result[axis + dims.length - own.length] = stride;
    stride *= own[axis]!;
  }
  return result;
}
