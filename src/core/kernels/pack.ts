import { kernels } from './instance';
import { CODES, PACKED, PIECE } from './memoryMap';

/** Which bits of which codes make a byte: those from `shift` on, `width` of them, of the index that a group's codes make. */
export interface PlaneLayout {
  codesPerGroup: number;
  /** Of a code in the index. */
  bits: number;
  /** What each code is raised by. */
  offset: number;
  shift: number;
  /** Divides 8. */
  width: number;
}

/** The bytes of a plane for whose codes none are missing, from the front of `bytes` on; returns how many these are. */
export function packWhole(codes: Uint8Array, layout: PlaneLayout, bytes: Uint8Array): number {
  const wasm = kernels();
  if (!wasm) return 0;
  const { codesPerGroup, bits, offset, shift, width } = layout;
  const codesPerByte = (codesPerGroup * 8) / width;
  const whole = Math.floor(codes.length / codesPerByte);
  const most = PIECE / codesPerByte;
  for (let at = 0; at < whole; at += most) {
    const count = Math.min(most, whole - at);
    wasm.codes.set(codes.subarray(at * codesPerByte, (at + count) * codesPerByte));
    wasm.packPlane(CODES, PACKED, count, codesPerGroup, bits, offset, shift, width);
    bytes.set(new Uint8Array(wasm.memory.buffer, PACKED, count), at);
  }
  return whole;
}
