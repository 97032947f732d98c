import { fromFloat16Bits } from '../../core/onnx/float16';
import { elementCount } from '../../core/onnx/elementCount';
import { invalidInputs, MAX_INPUT_BYTES, swapBytes, type InputArray, type InputValues } from './inputArray';

const MAGIC = '\x93NUMPY';

/** Element types by NumPy's kind and width; half precision widens to float32. */
const TYPES: Readonly<Record<string, (buffer: ArrayBuffer) => InputValues>> = {
  f2: (buffer) => Float32Array.from(new Uint16Array(buffer), fromFloat16Bits),
  f4: (buffer) => new Float32Array(buffer),
  f8: (buffer) => new Float64Array(buffer),
  b1: (buffer) => new Uint8Array(buffer),
  u1: (buffer) => new Uint8Array(buffer),
  u2: (buffer) => new Uint16Array(buffer),
  u4: (buffer) => new Uint32Array(buffer),
  u8: (buffer) => new BigUint64Array(buffer),
  i1: (buffer) => new Int8Array(buffer),
  i2: (buffer) => new Int16Array(buffer),
  i4: (buffer) => new Int32Array(buffer),
  i8: (buffer) => new BigInt64Array(buffer),
};

export function isNpy(bytes: Uint8Array): boolean {
  return MAGIC.split('').every((char, at) => bytes[at] === char.charCodeAt(0));
}

/**
 * Reads an array as `numpy.save` writes it (NEP 1, "A Simple File Format for NumPy Arrays", versions 1 to 3), in either
 * byte order and either order of axes.
 * @throws CoreError `inputs-invalid`
 */
export function parseNpy(bytes: Uint8Array, name: string | null = null): InputArray {
  const { header, start } = headerOf(bytes);
  const [, order = '', type = ''] = /'descr'\s*:\s*'([<>|=])([a-z]\d+)'/.exec(header) ?? [];
  const [, fortran] = /'fortran_order'\s*:\s*(True|False)/.exec(header) ?? [];
  const [, shape] = /'shape'\s*:\s*\(([^)]*)\)/.exec(header) ?? [];
  const view = TYPES[type];
  if (!view) throw invalidInputs(`its elements are of type ${/'descr'\s*:\s*([^,]+),/.exec(header)?.[1] ?? 'unknown'}`);
  if (fortran === undefined || shape === undefined) throw invalidInputs('its header is damaged');
  const dims = shape.split(',').map((dim) => dim.trim()).filter((dim) => dim !== '').map(Number);
  const width = Number(type.slice(1));
  const length = elementCount(dims) * width;
  if (!Number.isSafeInteger(length) || length < 0) throw invalidInputs('its header is damaged');
  if (length > MAX_INPUT_BYTES) throw invalidInputs(`it has ${length} bytes, and at most ${MAX_INPUT_BYTES} are read`);
  if (bytes.length - start < length) {
    throw invalidInputs(`${length} bytes follow from its dimensions ${dims.join('x')}, and it has ${bytes.length - start}`);
  }
  const data = new Uint8Array(bytes.subarray(start, start + length));
  if (order === '>') swapBytes(data, width);
  const ordered = fortran === 'True' ? rowMajor(data, dims, width) : data;
  return { name, dims, values: view(ordered.buffer), pixels: false };
}

function headerOf(bytes: Uint8Array): { header: string; start: number } {
  if (!isNpy(bytes)) throw invalidInputs('it is no NumPy array');
  const wide = bytes[6]! >= 2;
  const at = wide ? 12 : 10;
  if (bytes.length < at) throw invalidInputs('its header ends early');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const start = at + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  if (bytes.length < start) throw invalidInputs('its header ends early');
  return { header: new TextDecoder('utf-8').decode(bytes.subarray(at, start)), start };
}

/** The same elements with the last axis running fastest instead of the first. */
function rowMajor(bytes: Uint8Array, dims: readonly number[], width: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(bytes.length);
  const strides = dims.map((_, axis) => elementCount(dims.slice(0, axis)));
  const index = dims.map(() => 0);
  for (let at = 0; at < bytes.length; at += width) {
    const from = index.reduce((sum, i, axis) => sum + i * strides[axis]!, 0) * width;
    result.set(bytes.subarray(from, from + width), at);
    for (let axis = dims.length - 1; axis >= 0 && ++index[axis]! === dims[axis]; axis--) index[axis] = 0;
  }
  return result;
}
