import type { Source } from './source';

/** Mass e^−28 lies beyond: far outside the support of any 256-level quantizer. */
const REACH = 20;

/** The Laplacian of zero mean and unit variance, density e^{−√2|z|}/√2: what `fit: model` designs for. */
export const UNIT_LAPLACIAN: Source = {
  mass: 1,
  energy: 1,
  meanMagnitude: Math.SQRT1_2,
  reach: REACH,
  cells(thresholds, mass, moment) {
    let massBelow = 0;
    let momentBelow = 0;
    for (let k = 0; k <= thresholds.length; k++) {
      const to = k < thresholds.length ? thresholds[k]! : Infinity;
      const massTo = to === Infinity ? 1 : distribution(to);
      const momentTo = to === Infinity ? 0 : partialMoment(to);
      mass[k] = massTo - massBelow;
      moment[k] = momentTo - momentBelow;
      massBelow = massTo;
      momentBelow = momentTo;
    }
  },
};

function distribution(z: number): number {
  const tail = 0.5 * Math.exp(-Math.SQRT2 * Math.abs(z));
  return z < 0 ? tail : 1 - tail;
}

/** ∫ x f(x) dx below z: even in z. */
function partialMoment(z: number): number {
  const magnitude = Math.abs(z);
  return -0.5 * Math.exp(-Math.SQRT2 * magnitude) * (magnitude + Math.SQRT1_2);
}
