import type { BitWidth, LayerSettings } from '../plan/layerSettings';
import { bestScale } from './bestScale';
import type { Quantizer } from './quantizer';
import { midpoints } from './source';
import { UNIT_LAPLACIAN } from './unitLaplacian';
import { shapeQuantizer, type Shape } from './unitQuantizer';

/**
 * APoT, additive powers of two (Li, Dong and Wang, ICLR 2020): a sign, and a magnitude that is a sum of one term from each
 * of a few sets of powers of two, nearest level, clipped at α. Sets as in the authors' code, for 2 to 5 bits. The paper
 * learns α in training; here it is the α of least squared error, on the fitted Laplacian or on the weights, which is ours.
 */
export const apot: Quantizer = shapeQuantizer(
  ({ bits }) => apotShape(bits),
  (shape, group, { bits, fit }: LayerSettings) => (
    fit === 'model' ? unitClip(bits) : bestScale(group.weights(), shape, [unitClip(bits)])
  ),
);

/** Magnitudes by bits, sign included; the largest is 1. */
const MAGNITUDES: Partial<Record<BitWidth, readonly number[]>> = {
  2: [0, 1],
  3: [0, 1 / 4, 1 / 2, 1],
  4: [0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1],
  5: [0, 1, 2, 3, 4, 6, 8, 9, 12, 16, 18, 24, 32, 33, 36, 48].map((n) => n / 48),
};

export function apotShape(bits: BitWidth): Shape {
  const magnitudes = MAGNITUDES[bits]!;
  const levels = Float32Array.from([...magnitudes.slice(1).map((y) => -y).reverse(), ...magnitudes]);
  return { levels, thresholds: midpoints(levels), limit: 1 };
}

const unitClips = new Map<BitWidth, number>();

/** The α of least distortion on the unit Laplacian. */
export function unitClip(bits: BitWidth): number {
  let clip = unitClips.get(bits);
  if (clip === undefined) {
    clip = bestScale(UNIT_LAPLACIAN, apotShape(bits));
    unitClips.set(bits, clip);
  }
  return clip;
}
