import type { Tensor } from 'onnxruntime-web';
import { fromFloat16Bits, toFloat16Bits } from '../../core/onnx/float16';
import type { FloatArray } from '../../core/onnx/dataType';
import type { RuntimeTensor } from '../runtime';
import { invalidInputs } from './inputArray';

const NUMBERS = {
  float32: Float32Array, float64: Float64Array, int8: Int8Array, uint8: Uint8Array, bool: Uint8Array, int16: Int16Array,
  uint16: Uint16Array, int32: Int32Array, uint32: Uint32Array,
} as const;
const WHOLE_NUMBERS = { int64: BigInt64Array, uint64: BigUint64Array } as const;

export function isFloatTensor(type: Tensor.Type): boolean {
  return type === 'float32' || type === 'float16' || type === 'float64';
}

/** Whether a tensor's elements are numbers or truth values that JavaScript has arrays of. */
export function isNumberTensor(type: Tensor.Type | null): type is Tensor.Type {
  return type !== null && (type in NUMBERS || type in WHOLE_NUMBERS || type === 'float16');
}

/**
 * Elements of a tensor of this type.
 * @throws CoreError `inputs-invalid` for a type that takes no numbers, and for numbers that an integer type cannot hold
 */
export function tensorData(type: Tensor.Type, length: number, valueAt: (i: number) => number): Tensor.DataType {
  if (type === 'float16') return Uint16Array.from({ length }, (_, i) => toFloat16Bits(valueAt(i)));
  if (type === 'int64' || type === 'uint64') {
    const whole = new WHOLE_NUMBERS[type](length);
    for (let i = 0; i < length; i++) whole[i] = BigInt(fitting(type, valueAt(i), Number.isSafeInteger(valueAt(i))));
    return whole;
  }
  if (!(type in NUMBERS)) throw invalidInputs(`values of type ${type} cannot be made of numbers`);
  const data = new NUMBERS[type as keyof typeof NUMBERS](length);
  const exact = !isFloatTensor(type);
  for (let i = 0; i < length; i++) {
    const value = valueAt(i);
    data[i] = value;
    if (exact) fitting(type, value, data[i] === value);
  }
  return data;
}

/** A tensor's elements as floating point numbers; null when they are no numbers. */
export function floatsOf({ type, data }: RuntimeTensor): FloatArray | null {
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  if (type === 'string' || !ArrayBuffer.isView(data)) return null;
  if (type === 'float16' && data instanceof Uint16Array) return Float32Array.from(data, fromFloat16Bits);
  return Float64Array.from(data as ArrayLike<number | bigint>, Number);
}

function fitting(type: string, value: number, fits: boolean): number {
  if (!fits) throw invalidInputs(`the model takes ${type}, which cannot hold ${value}`);
  return value;
}
