import { roundHalfEven } from '../assignment/roundHalfEven';
import type { FloatArray } from '../onnx/dataType';
import { standardDeviation } from '../statistics/moments';
import type { UniformGrid } from './codebook';
import { goldenSection } from './goldenSection';
import type { WeightGroup } from './quantizer';

/** More weights than this are gathered into cells before the search. */
const GATHER_FROM = 1 << 17;
const CELLS = 1 << 16;
/** Deviations to each side of the mean that cells span: 2,048 cells a deviation, against 18 steps at 8 bits. */
const SPAN = 16;

/** Limits tried before the golden section: more where weights are few, since their error has many local minima. */
const SCAN_MIN = 20;
const SCAN_MAX = 512;
const SCAN_WORK = 1 << 11;

/** Width of the last bracket of the golden section against that of the first. */
const PRECISION = 0.01;

/** Values, and how many weights each stands for. */
interface Points {
  values: FloatArray;
  counts: Float64Array;
}

/**
 * The support limit with the least squared error on the weights themselves: the best of `candidates` and of a geometric
 * scan from the mean distance to `top`, then a golden section around it. Deterministic; large groups are searched on the
 * means of fine cells. No optimal grid ends below the mean distance: with the codes k given, the best step is
 * Σk|w| / Σk², which puts the last level at or above the mean of |w| weighted by k².
 *
 * @param top the limit at which no weight is clipped
 * @param candidates limits that the found one must not be worse than
 * @param count levels of the grid
 * @param gridAt the grid of a limit
 */
export function mseSupport(
  group: WeightGroup, centre: number, top: number, candidates: readonly number[], count: number,
  gridAt: (limit: number) => UniformGrid,
): number {
  const points = group.weights.length <= GATHER_FROM ? each(group.weights) : gathered(group);
  const error = (limit: number) => squaredError(points, gridAt(limit), count);

  const scans = Math.min(SCAN_MAX, Math.max(SCAN_MIN, Math.round(SCAN_WORK / points.values.length)));
  const ratio = (meanDistance(points, centre) / top) ** (1 / (scans - 1));
  let best = top;
  let least = error(top);
  const consider = (limit: number) => {
    const here = error(limit);
    if (here < least) [best, least] = [limit, here];
  };
  candidates.forEach(consider);
  for (let scan = 1; scan < scans; scan++) consider(top * ratio ** scan);

  const low = best * ratio;
  const high = best / ratio;
  consider(goldenSection(error, low, high, PRECISION * (high - low)));
  return best;
}

function squaredError({ values, counts }: Points, grid: UniformGrid, count: number): number {
  const { scale, zeroPoint, offset } = grid;
  const inverse = 1 / scale;
  // In steps from the level that is next to the centre, or at it: levels are whole numbers, mid-rise too.
  const lowest = -Math.floor(zeroPoint);
  const highest = count - 1 + lowest;
  const origin = offset * inverse + (Math.floor(zeroPoint) - zeroPoint);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const steps = (values[i] as number) * inverse - origin;
    let level = roundHalfEven(steps);
    if (level < lowest) level = lowest;
    else if (level > highest) level = highest;
    const error = steps - level;
    sum += (counts[i] as number) * error * error;
  }
  return sum * scale * scale;
}

function meanDistance({ values, counts }: Points, centre: number): number {
  let total = 0;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    total += counts[i] as number;
    sum += (counts[i] as number) * Math.abs((values[i] as number) - centre);
  }
  return sum / total;
}

let ones = new Float64Array(0);

function each(values: FloatArray): Points {
  if (ones.length < values.length) ones = new Float64Array(values.length).fill(1);
  return { values, counts: ones };
}

/** Means of the weights in equal cells around the mean, and every weight beyond them (at most n / 256, by Chebyshev). */
function gathered({ weights, moments }: WeightGroup): Points {
  const reach = SPAN * standardDeviation(moments);
  const start = moments.mean - reach;
  const cellsPerUnit = CELLS / (2 * reach);
  const counts = new Float64Array(CELLS);
  const sums = new Float64Array(CELLS);
  const beyond: number[] = [];
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i] as number;
    const cell = Math.floor((w - start) * cellsPerUnit);
    if (cell >= 0 && cell < CELLS) {
      (counts[cell] as number)++;
      (sums[cell] as number) += w;
    } else {
      beyond.push(w);
    }
  }
  const means = sums.map((sum, cell) => sum / (counts[cell] as number)).filter((mean) => !Number.isNaN(mean));
  const values = new Float64Array(means.length + beyond.length);
  values.set(means);
  values.set(beyond, means.length);
  const filled = new Float64Array(values.length).fill(1);
  filled.set(counts.filter((n) => n > 0));
  return { values, counts: filled };
}
