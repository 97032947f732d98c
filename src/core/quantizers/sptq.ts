import type { Quantizer } from './quantizer';
import { defaultSegments, fixedPoint, segmentedShape, segmentStep } from './segments';
import { shapeQuantizer } from './unitQuantizer';

/**
 * SPTQ, the simple power-of-two quantizer (Perić, Aleksić, Nikolić and Tomić, Mathematics 10(19):3435, 2022): cells of Δ
 * and 2Δ, levels in their middles. Its threshold is not midway between its levels, so that a weight a little beyond it
 * does not get the nearest level. Two bits are the paper's; 3 to 8 are our generalisation (`segmentedShape`), and so is
 * `fit: data`, which keeps the shape and measures Δ on the weights.
 */
export const sptq: Quantizer = shapeQuantizer(
  ({ bits }) => segmentedShape(bits, defaultSegments(bits), 'edges'),
  (shape, group, settings) => segmentStep(shape, group, settings, 'edges', () => fixedPoint(sptqIteration)),
);

/**
 * One step of the iterative design at two bits: dD/dΔ = 0 of the closed-form distortion, solved for the Δ outside the
 * exponential. The grouping of terms is ours, chosen like that of the two-bit uniform quantizer by the same authors.
 */
export function sptqIteration(step: number): number {
  const e = Math.exp(-Math.SQRT2 * step);
  return (Math.SQRT2 * (1 + 3 * e + 1.5 * step * step * e)) / (1 + 9 * e);
}
