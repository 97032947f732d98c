import { elementCount } from '../../core/onnx/elementCount';
import { invalidInputs, MAX_INPUT_BYTES, swapBytes, type InputArray, type InputValues } from './inputArray';

/** Element types by their code, and their bytes. */
const TYPES: ReadonlyMap<number, { width: number; view: (buffer: ArrayBuffer) => InputValues }> = new Map([
  [0x08, { width: 1, view: (buffer: ArrayBuffer) => new Uint8Array(buffer) }],
  [0x09, { width: 1, view: (buffer: ArrayBuffer) => new Int8Array(buffer) }],
  [0x0b, { width: 2, view: (buffer: ArrayBuffer) => new Int16Array(buffer) }],
  [0x0c, { width: 4, view: (buffer: ArrayBuffer) => new Int32Array(buffer) }],
  [0x0d, { width: 4, view: (buffer: ArrayBuffer) => new Float32Array(buffer) }],
  [0x0e, { width: 8, view: (buffer: ArrayBuffer) => new Float64Array(buffer) }],
]);

/** Whether the bytes begin as an IDX file does: two zeros, a type and a number of dimensions. */
export function isIdx(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0 && bytes[1] === 0 && TYPES.has(bytes[2]!);
}

/**
 * Reads an IDX file, as MNIST is shipped in (http://yann.lecun.com/exdb/mnist, section "the IDX file format"). Arrays of
 * unsigned bytes are taken for pixels.
 * @throws CoreError `inputs-invalid`
 */
export function parseIdx(bytes: Uint8Array): InputArray {
  if (!isIdx(bytes)) throw invalidInputs('it is no IDX file');
  const { width, view } = TYPES.get(bytes[2]!)!;
  const start = 4 + 4 * bytes[3]!;
  if (bytes.length < start) throw invalidInputs('its header ends early');
  const header = new DataView(bytes.buffer, bytes.byteOffset, start);
  const dims = Array.from({ length: bytes[3]! }, (_, axis) => header.getUint32(4 + 4 * axis));
  const length = elementCount(dims) * width;
  if (length > MAX_INPUT_BYTES) throw invalidInputs(`it has ${length} bytes, and at most ${MAX_INPUT_BYTES} are read`);
  if (bytes.length !== start + length) {
    throw invalidInputs(`${length} bytes follow from its dimensions ${dims.join('x')}, and it has ${bytes.length - start}`);
  }
  const data = new Uint8Array(bytes.subarray(start));
  if (width > 1) swapBytes(data, width);
  return { name: null, dims, values: view(data.buffer), pixels: bytes[2] === 0x08 };
}
