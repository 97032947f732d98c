import type { Quantizer } from './quantizer';
import { defaultSegments, fixedPoint, segmentedShape, segmentStep } from './segments';
import { shapeQuantizer } from './unitQuantizer';

/**
 * MSPTQ, the modified SPTQ of the same paper (Mathematics 10(19):3435, 2022): the same levels, thresholds midway between
 * them, so that cells are 1.25Δ and 1.75Δ wide. That it keeps SPTQ's two levels is inferred from the properties the paper
 * states, and its iteration is derived by us. 3 to 8 bits and `fit: data` are ours, as for SPTQ.
 */
export const msptq: Quantizer = shapeQuantizer(
  ({ bits }) => segmentedShape(bits, defaultSegments(bits), 'midpoints'),
  (shape, group, settings) => segmentStep(shape, group, settings, 'midpoints', () => fixedPoint(msptqIteration)),
);

/** One step of the iterative design at two bits, as `sptqIteration`. */
export function msptqIteration(step: number): number {
  const e = Math.exp((-5 * step) / (2 * Math.SQRT2));
  return (Math.SQRT2 * (1 + 3 * e)) / (1 + 7.5 * e);
}
