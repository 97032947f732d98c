import { CoreError } from '../../core/errors';

export type InputValues =
  | Float32Array | Float64Array | Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array
  | BigInt64Array | BigUint64Array;

/** An array as a file holds it, in row-major order. */
export interface InputArray {
  /** Its name where the file gives one. */
  name: string | null;
  dims: number[];
  values: InputValues;
  /** Grey or colour values from 0 to 255, which a network takes as fractions unless told otherwise. */
  pixels: boolean;
}

/** Larger arrays are not read: they would not fit beside two models. */
export const MAX_INPUT_BYTES = 2 ** 31;

/** An input file or array that cannot be used; `message` says why as a clause, `layouts` how images would have to lie for it to fit. */
export function invalidInputs(message: string, detail: { layouts?: string } = {}): CoreError {
  return new CoreError('inputs-invalid', {}, { message, ...detail });
}

/** Whole words of a byte order other than the machine's, little-endian, are turned round in place. */
export function swapBytes(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}
