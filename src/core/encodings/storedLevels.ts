import { fromFloat16Bits, toFloat16Bits } from '../onnx/float16';
import type { Codebook } from '../quantizers/codebook';

/**
 * The levels bit for bit as ONNX Runtime computes them from what a copy stores. A uniform grid: level k is the float32
 * product of scale and k − zeroPoint, plus the offset, rounded to float32 after each operation. For float16 weights that
 * float32 is then cast to float16.
 */
export function storedLevels(codebook: Codebook, dtype: 'float32' | 'float16'): Float32Array {
  const levels = Float32Array.from(codebook.levels);
  const { uniform } = codebook;
  if (uniform) {
    const scale = Math.fround(uniform.scale);
    const offset = Math.fround(uniform.offset);
    for (let k = 0; k < levels.length; k++) {
      const product = Math.fround(scale * (k - uniform.zeroPoint));
      levels[k] = offset === 0 ? product : product + offset;
    }
  }
  return dtype === 'float16' ? levels.map((level) => fromFloat16Bits(toFloat16Bits(level))) : levels;
}
