/** A deterministic sample of the unit-variance, zero-mean Laplacian: its inverse distribution at the golden-ratio sequence. */
export function laplacianSample(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    const u = ((i + 0.5) * 0.6180339887498949) % 1;
    return Math.SQRT1_2 * (u < 0.5 ? Math.log(2 * u) : -Math.log(2 * (1 - u)));
  });
}

/** Twelve weights with a mean, a zero and a longer positive tail. */
export const TWELVE = Float64Array.of(-1.2, -0.7, -0.35, -0.1, -0.05, 0, 0.02, 0.08, 0.15, 0.4, 0.9, 2.1);
