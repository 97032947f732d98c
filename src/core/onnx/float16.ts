const words = new Uint32Array(2);
const double = new Float64Array(words.buffer);
const single = new Float32Array(words.buffer);

/** Halfway from the largest finite float16 (65504) to the next step: what rounds to infinity. */
const OVERFLOW = 65520;
/** Adding and subtracting it rounds a double below 2^51 to a whole number, ties to even. */
const ROUNDING = 1.5 * 2 ** 52;
const [LEAST_EXPONENT, LARGEST_EXPONENT] = [-14, 15];
/** Steps in one, by exponent from the least on. */
const STEPS = Float64Array.from({ length: LARGEST_EXPONENT - LEAST_EXPONENT + 1 }, (_, i) => 2 ** (10 - LEAST_EXPONENT - i));

/** The IEEE 754 binary16 bit pattern nearest to `x`, ties to even, as ONNX Runtime's Cast to FLOAT16 gives it. */
export function toFloat16Bits(x: number): number {
  if (Number.isNaN(x)) return 0x7e00;
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(x);
  if (magnitude >= OVERFLOW) return sign | 0x7c00;
  double[0] = magnitude;
  const exponent = Math.max((words[1]! >>> 20) - 1023, LEAST_EXPONENT);
  const steps = magnitude * STEPS[exponent - LEAST_EXPONENT]! + ROUNDING - ROUNDING;
  return sign + ((exponent + 15) << 10) + steps - 1024;
}

/** The value of an IEEE 754 binary16 bit pattern; every one is a float32 too. */
export function fromFloat16Bits(bits: number): number {
  const magnitude = bits & 0x7fff;
  const sign = bits & 0x8000 ? -1 : 1;
  if (magnitude > 0x7c00) return NaN;
  if (magnitude === 0x7c00) return sign * Infinity;
  words[0] = magnitude << 13;
  return sign * single[0]! * 2 ** 112;
}
