import { toBfloat16 } from '../onnx/bfloat16';
import type { FloatType } from '../onnx/dataType';
import { fromFloat16Bits, toFloat16Bits } from '../onnx/float16';
import type { StoredCodebook } from '../quantizers/codebook';

/**
 * The levels bit for bit as ONNX Runtime computes them from what a copy stores. A uniform grid: level k is the float32
 * product of scale and k − zeroPoint, plus the offset, rounded to float32 after each operation; unit levels likewise. For
 * float16 and bfloat16 weights that float32 is then cast to their type; float64 takes it as it is.
 *
 * @param count how many of them, where that does not follow from the codebook
 */
export function storedLevels(
  codebook: StoredCodebook, dtype: FloatType, count = codebook.uniform?.count ?? codebook.levels?.length ?? 0,
): Float32Array {
  const levels = float32Levels(codebook, count);
  if (dtype === 'float16') return levels.map((level) => fromFloat16Bits(toFloat16Bits(level)));
  return dtype === 'bfloat16' ? levels.map(toBfloat16) : levels;
}

/** The codebook without what can be computed again: small groups are many. */
export function storedCodebook({ levels, uniform, scaled }: StoredCodebook): StoredCodebook {
  if (scaled) return { scaled };
  return uniform ? { uniform } : { ...(levels && { levels }) };
}

function float32Levels({ levels, uniform, scaled }: StoredCodebook, count: number): Float32Array {
  if (scaled) return scaledLevels(Math.min(count, scaled.unit.length), scaled, (k) => Math.fround(scaled.unit[k]!));
  if (uniform) return scaledLevels(count, uniform, (k) => k - uniform.zeroPoint);
  return Float32Array.from(levels ?? []);
}

function scaledLevels(count: number, by: { scale: number; offset: number }, unit: (k: number) => number): Float32Array {
  const scale = Math.fround(by.scale);
  const offset = Math.fround(by.offset);
  const levels = new Float32Array(count);
  for (let k = 0; k < count; k++) {
    const product = Math.fround(scale * unit(k));
    levels[k] = offset === 0 ? product : product + offset;
  }
  return levels;
}
