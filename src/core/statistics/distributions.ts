import type { GaussFit, LaplaceFit } from './layerStatistics';

/** P(X <= x) of a fitted distribution. */
export type Distribution = (x: number) => number;

export function laplaceDistribution({ location, scale }: Pick<LaplaceFit, 'location' | 'scale'>): Distribution {
  return (x) => {
    const tail = 0.5 * Math.exp(-Math.abs(x - location) / scale);
    return x < location ? tail : 1 - tail;
  };
}

export function gaussDistribution({ mean, std }: Pick<GaussFit, 'mean' | 'std'>): Distribution {
  return (x) => standardNormal((x - mean) / std);
}

/** Maximum of the log-likelihood of `count` weights: that of the maximum-likelihood scale (mean |w − median|). */
export function laplaceLogLikelihood(count: number, scale: number): number {
  return -count * Math.log(2 * scale) - count;
}

export function gaussLogLikelihood(count: number, std: number): number {
  return -0.5 * count * (Math.log(2 * Math.PI * std * std) + 1);
}

/** Φ(x) to double precision: Hart's algorithm as given by West, Better approximations to cumulative normal functions, 2005. */
function standardNormal(x: number): number {
  const a = Math.abs(x);
  const tail = a > 37 ? 0 : Math.exp(-0.5 * a * a) * (a < 7.07106781186547 ? hartRatio(a) : continuedFraction(a));
  return x > 0 ? 1 - tail : tail;
}

function hartRatio(a: number): number {
  let numerator = 3.52624965998911e-2 * a + 0.700383064443688;
  numerator = numerator * a + 6.37396220353165;
  numerator = numerator * a + 33.912866078383;
  numerator = numerator * a + 112.079291497871;
  numerator = numerator * a + 221.213596169931;
  numerator = numerator * a + 220.206867912376;
  let denominator = 8.83883476483184e-2 * a + 1.75566716318264;
  denominator = denominator * a + 16.064177579207;
  denominator = denominator * a + 86.7807322029461;
  denominator = denominator * a + 296.564248779674;
  denominator = denominator * a + 637.333633378831;
  denominator = denominator * a + 793.826512519948;
  denominator = denominator * a + 440.413735824752;
  return numerator / denominator;
}

function continuedFraction(a: number): number {
  return 1 / ((a + 1 / (a + 2 / (a + 3 / (a + 4 / (a + 0.65))))) * 2.506628274631);
}
