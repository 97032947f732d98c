import { attentionFactor } from './attentionFactor';
import type { AdamRow } from './adamRow';
import type { RowProduct } from './rowProduct';

/** What the gradient of a row's α follows from. */
export interface AttentionRow {
  /** Of the row's α. */
  adam: AdamRow;
  /** C times the errors of the weights. */
  error: RowProduct;
  /** Of the level in α, 0 where the clip is active. */
  slope: Float64Array;
  /** The table of `attentionFactor`, as it is or in the kernels' memory. */
  factors: Float64Array;
}

/** Fills `adam.gradient`: through the rounding, weighted by `attentionFactor`. */
export function attentionGradient(row: AttentionRow): void {
  const { adam: { wasm, parameters, gradient }, error: { product }, slope, factors } = row;
  if (!wasm) return plainAttentionGradient(row);
  wasm.attentionGradient(
    gradient.byteOffset, product.byteOffset, slope.byteOffset, parameters.byteOffset, factors.byteOffset, gradient.length,
  );
}

function plainAttentionGradient({ adam: { parameters, gradient }, error: { product }, slope }: AttentionRow): void {
  for (let j = 0; j < gradient.length; j++) {
    const straight = product[j]! * slope[j]!;
    const factor = attentionFactor(parameters[j]!);
    gradient[j] = straight * (straight > 0 ? factor : 1 - factor);
  }
}
