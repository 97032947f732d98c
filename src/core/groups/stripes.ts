import { STRIPE_CAPACITY } from '../kernels/memoryMap';
import { mostColumns, type TransposedColumns } from '../kernels/transposedColumns';
import { elementCount } from '../onnx/elementCount';
import type { Granularity } from '../plan/layerSettings';
import type { WeightSource } from '../statistics/weightSource';
import { layerGroups, type GroupedLayer } from './layerGroups';

/** How a tensor is cut into stripes that are had one at a time: so many indices of one axis, and all of the others. */
export interface Cut {
  axis: number;
  indices: number;
  /** Whether each index is a group, of single weights that lie apart. */
  isByColumn?: boolean;
}

/** Weights of a stripe: 4 MB where it lies in one piece. */
const STRIPE = 1 << 20;
/** Where it lies in many, so much is gathered that each is long enough to be worth a read of its own: 4 KB. */
const GATHERED = STRIPE_CAPACITY;
const LEAST_RUN = 1 << 10;
/**
 * Columns that are transposed are as many as the buffer holds, even where that makes short reads. Of a very tall matrix fewer fit:
 * then it is these.
 */
const LEAST_COLUMNS = 1 << 6;

/**
 * The cut into stripes of whole groups along the first axis that parts these; all at once where that is not one of the tensor's
 * own. Null where there is but one group.
 */
export function layerCut(layer: GroupedLayer, granularity: Granularity): Cut | null {
  const { dims } = layer;
  const groups = layerGroups(layer, granularity);
  const axis = groups.spans.findIndex((span, i) => span < groups.dims[i]!);
  if (axis < 0) return null;
  if (groups.dims.slice(0, axis + 1).some((dim, i) => dim !== dims[i])) return { axis: 0, indices: dims[0] ?? 1 };
  const span = groups.spans[axis]!;
  const run = elementCount(dims.slice(axis + 1)) * span;
  const runs = elementCount(dims.slice(0, axis));
  if (run === 1 && runs > 1) return { axis, indices: evenPart(dims[axis]!, Math.max(mostColumns(runs), LEAST_COLUMNS)), isByColumn: true };
  const most = runs === 1 ? STRIPE / run : Math.max(GATHERED / (run * runs), LEAST_RUN / run);
  return { axis, indices: Math.min(dims[axis]!, span * Math.max(1, Math.floor(most))) };
}

/** As few parts of no more than `most`, a multiple of 4, as there can be, all but the last as large as each other. */
function evenPart(all: number, most: number): number {
  return Math.min(all, 4 * Math.ceil(all / Math.ceil(all / most) / 4));
}

/** A part of a tensor: as many indices of an axis as `dims` has, from `start` on, and all of the other axes. */
export interface Stripe {
  dims: number[];
  axis: number;
  start: number;
}

export interface WeightStripe {
  stripe: Stripe;
  /** Where they are one group, they may be too many to be in memory; where groups are columns, each may be by itself. */
  weights: WeightSource | TransposedColumns;
}

/** The stripes of a tensor in order; the last may be narrower. */
export function* stripesOf(dims: readonly number[], { axis, indices }: Cut): Generator<Stripe> {
  const all = dims[axis] ?? 1;
  for (let start = 0; start < all; start += indices) {
    yield { dims: dims.map((dim, i) => (i === axis ? Math.min(indices, all - start) : dim)), axis, start };
  }
}

/** A tensor as one stripe. */
export function wholeStripe(dims: readonly number[]): Stripe {
  return { dims: [...dims], axis: 0, start: 0 };
}

/** Whether the stripes of a cut lie in one piece each. */
export function liesInOne(dims: readonly number[], { axis }: Pick<Cut, 'axis'>): boolean {
  return elementCount(dims.slice(0, axis)) === 1;
}

/** Where a stripe lies: so many runs of `count` elements, the first at `from` and each `distance` behind the one before. */
export interface StripeRuns {
  from: number;
  count: number;
  distance: number;
  runs: number;
}

export function stripeRuns(dims: readonly number[], { axis, start, dims: own }: Stripe): StripeRuns {
  const inner = elementCount(dims.slice(axis + 1));
  return {
    from: start * inner, count: elementCount(own.slice(axis)), distance: elementCount(dims.slice(axis)),
    runs: elementCount(dims.slice(0, axis)),
  };
}
