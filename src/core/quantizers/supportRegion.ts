import { unitLaplacianDistortion } from '../metrics/laplacianDistortion';
import type { BitWidth, Support } from '../plan/layerSettings';
import { goldenSection } from './goldenSection';
import { lambertW0 } from './lambertW';
import type { Normalizer, WeightGroup } from './quantizer';

/**
 * How far the support reaches from the centre, in the units of the weights; N = 2^bits. A number is the limit in deviations.
 * - `abs-max`, `max-pos`, `abs-min`: max|z|, max(z), |min(z)|, which leave out nothing, the negative or the positive tail
 *   where weights are skewed. Where that is not positive, `abs-max` takes its place.
 * - `jayant`: least distortion of an N-level mid-rise grid on the Laplacian (Jayant and Noll, Digital Coding of Waveforms).
 * - `hui`: √2·ln N deviations, the leading term of the next.
 * - `hui-neuhoff`: W0(3N²)/√2 deviations (Hui and Neuhoff, Asymptotic analysis of optimal fixed-rate uniform scalar
 *   quantization, 2001).
 * - `aciq`: b·W0(3·4^bits) of the fitted Laplacian's b (Banner et al., Post-training 4-bit quantization, 2019).
 */
export function supportLimit(
  support: Exclude<Support, 'mse'>, bits: BitWidth, { moments, laplace }: WeightGroup, { mean, std }: Normalizer,
): number {
  const count = 2 ** bits;
  if (typeof support === 'number') return std * support;
  switch (support) {
    case 'abs-max':
      return absMax(moments, mean);
    case 'max-pos':
      return moments.max > mean ? moments.max - mean : absMax(moments, mean);
    case 'abs-min':
      return moments.min === mean ? absMax(moments, mean) : Math.abs(moments.min - mean);
    case 'jayant':
      return std * jayantSupport(count);
    case 'hui':
      return std * Math.SQRT2 * Math.log(count);
    case 'hui-neuhoff':
      return std * Math.SQRT1_2 * asymptoticSupport(count);
    case 'aciq':
      return laplace.scale * asymptoticSupport(count);
  }
}

export function absMax({ min, max }: { min: number; max: number }, centre: number): number {
  return Math.max(max - centre, centre - min);
}

const jayantSupports = new Map<number, number>();

/** Support limit of the mid-rise quantizer with `count` levels that is best on the unit-variance Laplacian. */
export function jayantSupport(count: number): number {
  let support = jayantSupports.get(count);
  if (support === undefined) {
    support = goldenSection((limit) => midRiseDistortion(limit, count), 0.5, 2 * Math.SQRT2 * Math.log(count), 1e-9);
    jayantSupports.set(count, support);
  }
  return support;
}

/** Distortion of the mid-rise quantizer with `count` levels and support ±limit on the unit-variance Laplacian. */
export function midRiseDistortion(limit: number, count: number): number {
  const half = count / 2;
  const step = limit / half;
  return unitLaplacianDistortion(
    Array.from({ length: half }, (_, i) => (i + 0.5) * step),
    Array.from({ length: half - 1 }, (_, i) => (i + 1) * step),
  );
}

const asymptoticSupports = new Map<number, number>();

/** Asymptotically best support of a `count`-level uniform quantizer on the Laplacian, in units of its scale b. */
export function asymptoticSupport(count: number): number {
  let support = asymptoticSupports.get(count);
  if (support === undefined) asymptoticSupports.set(count, support = lambertW0(3 * count * count));
  return support;
}
