/** Beyond it a double has no fraction bits left, so that adding and subtracting rounds as IEEE 754 does: ties to even. */
const ROUNDING = 1.5 * 2 ** 52;

/** Rounds |x| < 2^51 to the nearest whole number, ties to even, as ONNX's QuantizeLinear, NumPy and PyTorch do. */
export function roundHalfEven(x: number): number {
  return x + ROUNDING - ROUNDING;
}
