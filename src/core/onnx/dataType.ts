import { CoreError } from '../errors';

/**
 * ONNX TensorProto.DataType by number (onnx.proto3), newer types included: `onnx-proto` knows ONNX 1.10 and hands those
 * on as plain numbers.
 */
const NAMES = {
  1: 'float32', 2: 'uint8', 3: 'int8', 4: 'uint16', 5: 'int16', 6: 'int32', 7: 'int64', 8: 'string', 9: 'bool',
  10: 'float16', 11: 'float64', 12: 'uint32', 13: 'uint64', 14: 'complex64', 15: 'complex128', 16: 'bfloat16',
  17: 'float8e4m3fn', 18: 'float8e4m3fnuz', 19: 'float8e5m2', 20: 'float8e5m2fnuz', 21: 'uint4', 22: 'int4',
  23: 'float4e2m1', 24: 'float8e8m0', 25: 'uint2', 26: 'int2',
} as const;

export type DataType = (typeof NAMES)[keyof typeof NAMES] | 'unknown';

/** Bits one element takes in `raw_data`; 0 where elements have no fixed width. */
const BITS: Record<DataType, number> = {
  float32: 32, uint8: 8, int8: 8, uint16: 16, int16: 16, int32: 32, int64: 64, string: 0, bool: 8, float16: 16,
  float64: 64, uint32: 32, uint64: 64, complex64: 64, complex128: 128, bfloat16: 16, float8e4m3fn: 8, float8e4m3fnuz: 8,
  float8e5m2: 8, float8e5m2fnuz: 8, uint4: 4, int4: 4, float4e2m1: 4, float8e8m0: 8, uint2: 2, int2: 2, unknown: 0,
};

export function dataTypeOf(code: number): DataType {
  return (NAMES as Record<number, DataType>)[code] ?? 'unknown';
}

export function bitsPerElement(dtype: DataType): number {
  return BITS[dtype];
}

/** Bytes of `raw_data` for `elements` elements, sub-byte types packed. */
export function rawBytes(dtype: DataType, elements: number): number {
  return Math.ceil((elements * BITS[dtype]) / 8);
}

/** The types a learned weight has before quantization. */
export type FloatType = 'float32' | 'float16' | 'bfloat16' | 'float64';

export function isFloatType(dtype: DataType): dtype is FloatType {
  return dtype === 'float32' || dtype === 'float16' || dtype === 'bfloat16' || dtype === 'float64';
}

/** The type of a tensor that must hold floats. @throws CoreError `internal` */
export function floatType({ dtype }: { dtype: DataType }): FloatType {
  if (isFloatType(dtype)) return dtype;
  throw new CoreError('internal', {}, { what: `weights of type ${dtype}` });
}

/** Weights in memory: float16 and bfloat16 widen to float32 without loss. */
export type FloatArray = Float32Array | Float64Array;
