const bits = new Uint32Array(1);
const single = new Float32Array(bits.buffer);

/** The bfloat16 value nearest to a float32, ties to even, as ONNX Runtime's Cast to BFLOAT16 gives it. */
export function toBfloat16(x: number): number {
  single[0] = x;
  if (Number.isNaN(x)) return x;
  const low = bits[0]! & 0xffff;
  const isOdd = (bits[0]! >>> 16) & 1;
  // Half-way is 0x8000: past it, or on it from an odd upper half, the upper half goes up by one.
  bits[0] = bits[0]! - low + (low + isOdd > 0x8000 ? 0x10000 : 0);
  return single[0];
}
