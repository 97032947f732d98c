import type { CurvePoint, LayerRow, MethodCurves, PageErrors, PageSupportCurve, PlanRow } from '../../../src/protocol/page';
import { statisticsOf } from './synthetic';

type Bits = CurvePoint['bits'];

const BIT_WIDTHS: readonly Bits[] = [2, 3, 4, 5, 6, 7, 8];
/** Widths, and decibels above or below the uniform quantizer's at 2 and at 8 bits. */
const METHODS: Readonly<Record<CurvePoint['method'], { bits: readonly Bits[]; at2: number; at8: number }>> = {
  uniform: { bits: BIT_WIDTHS, at2: 0, at8: 0 },
  sptq: { bits: BIT_WIDTHS, at2: -0.3, at8: -14 },
  msptq: { bits: BIT_WIDTHS, at2: 0.4, at8: -13 },
  'lloyd-max': { bits: BIT_WIDTHS, at2: 0.6, at8: 3.5 },
  subset: { bits: [2, 3, 4], at2: -0.8, at8: -3 },
  apot: { bits: [2, 3, 4, 5], at2: -0.4, at8: -5 },
  pwlq: { bits: [3, 4, 5, 6, 7, 8], at2: -0.5, at8: 2 },
  n2uq: { bits: BIT_WIDTHS, at2: 0.5, at8: 1 },
};
const SAMPLED = 65_536;

/** With calibration data outputs are known with what is exact. */
export function withOutputPoints(curves: MethodCurves): MethodCurves {
  return {
    ...curves,
    points: curves.points.map((point) => (
      point.sampled === null ? { ...point, outputSqnrDb: (point.sqnrDb ?? 0) + 3 + 0.3 * point.bits } : point
    )),
  };
}

export function curvesOf(layer: LayerRow, perTensor: boolean, exact: boolean): MethodCurves {
  const methods = Object.entries(METHODS) as [CurvePoint['method'], (typeof METHODS)['uniform']][];
  return {
    index: layer.index,
    points: methods.flatMap(([method, { bits, at2, at8 }]) => bits.map((width): CurvePoint => {
      const sqnrDb = 5.7 * width - 3.5 + at2 + ((at8 - at2) * (width - 2)) / 6 - (perTensor ? 2 : 0) - (exact ? 0.2 : 0);
      return {
        method, bits: width, granularity: perTensor || method === 'subset' ? 'tensor' : 'channel', sampled: exact ? null : SAMPLED,
        sqnrDb, predictedSqnrDb: sqnrDb - 0.25 * width,
      };
    })),
  };
}

/** Mid-rise on a Laplacian in theory, and weights of somewhat thinner tails. */
export function supportOf(layer: LayerRow, bits: Bits, exact: boolean): PageSupportCurve {
  const point = (limit: number) => ({
    limit, sqnrDb: decibels(bits, limit * 1.12) + 0.4 * Math.sin(limit), theorySqnrDb: decibels(bits, limit),
  });
  const best = Math.SQRT2 * Math.log(2 ** bits) * 0.82;
  const named = {
    'abs-max': 8.49, 'max-pos': 8.49, 'abs-min': 7.9, jayant: best * 1.08, hui: Math.SQRT2 * Math.log(2 ** bits),
    'hui-neuhoff': best * 1.14, aciq: best * 1.17, mse: best,
  } as const;
  const { std } = statisticsOf(layer);
  return {
    index: layer.index, bits, grid: 'mid-rise', sampled: exact ? null : SAMPLED, mean: 0, std: std ?? 1,
    points: Array.from({ length: 47 }, (_, i) => point(0.5 + i * 0.25)),
    named: (Object.keys(named) as (keyof typeof named)[]).map((region) => ({ region, ...point(named[region]) })),
  };
}

export function errorsOf({ index }: LayerRow, { maxAbsError }: PlanRow): PageErrors | null {
  if (maxAbsError === null) return null;
  const counts = Array.from({ length: 96 }, (_, bin) => (Math.abs(bin - 47.5) < 24 ? 400 + (bin % 5) * 9 : 30));
  return { index, histogram: { min: -maxAbsError, max: maxAbsError, counts } };
}

/** Granular and overload distortion of a fine uniform quantizer on the unit-variance Laplacian. */
function decibels(bits: number, limit: number): number {
  const overload = Math.exp(-Math.SQRT2 * limit);
  const step = (2 * limit) / 2 ** bits;
  return -10 * Math.log10((step * step * (1 - overload)) / 12 + overload);
}
