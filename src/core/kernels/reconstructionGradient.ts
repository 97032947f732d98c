import type { AdamRow } from './adamRow';
import type { RowProduct } from './rowProduct';

/** What the gradient of a row's factors follows from. */
export interface ReconstructionRow {
  /** Of the factors. */
  adam: AdamRow;
  /** C times the weights. */
  target: RowProduct;
  /** C times the levels of the weights' codes. */
  levels: RowProduct;
  /** The gradient of the rounded weights, filled with that of the factors. */
  outer: Float64Array;
}

/**
 * Fills `adam.gradient` and `outer`, the rounding passed straight through.
 * @param scale of the levels
 * @param pull of |ŵ| to |w|
 */
export function reconstructionGradient(row: ReconstructionRow, scale: number, pull: number): void {
  const { adam: { wasm, gradient }, target, levels, outer } = row;
  if (!wasm) return plainReconstructionGradient(row, scale, pull);
  wasm.reconstructionGradient(
    gradient.byteOffset, outer.byteOffset, target.vector.byteOffset, levels.vector.byteOffset, levels.product.byteOffset,
    target.product.byteOffset, gradient.length, scale, pull,
  );
}

function plainReconstructionGradient(
  { adam: { gradient }, target, levels, outer }: ReconstructionRow, scale: number, pull: number,
): void {
  const { vector, product } = levels;
  const { vector: weights, product: wanted } = target;
  for (let j = 0; j < gradient.length; j++) {
    const w = weights[j]!;
    const rounded = scale * vector[j]!;
    const apart = rounded < 0 ? rounded + Math.abs(w) : rounded - Math.abs(w);
    outer[j] = 2 * (scale * product[j]! - wanted[j]!) + pull * apart;
    gradient[j] = outer[j]! * scale * w;
  }
}
