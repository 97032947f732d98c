import * as l10n from '@vscode/l10n';
import type { SupportRegion } from '../src/core/plan/layerSettings';
import type { PageCodebook, PageSupportCurve, PlanRow } from '../src/protocol/page';
import { formatDb, formatNumber } from './numbers';

/** A support limit that someone tries on a layer, or the planned one. */
export interface SupportLimit {
  /** In standard deviations. */
  limit: number;
  /** The rule that puts it there, where it was chosen by name. */
  region: SupportRegion | null;
}

/** What the handle reaches, in standard deviations, and its steps by key. */
export const LEAST_LIMIT = 0.5;
export const GREATEST_LIMIT = 12;
const STEP = 0.1;
/** Limits are kept to this many decimals: a plan is read by people. */
const DECIMALS = 2;

/** Where the limit stands by plan; where the planned rule is not known on this layer, or none is planned, the best of all. */
export function plannedLimit({ named, points }: PageSupportCurve, plan: PlanRow | null): SupportLimit {
  const support = plan?.support ?? 'mse';
  if (typeof support === 'number') return { limit: support, region: null };
  const rule = named.find(({ region }) => region === support);
  if (rule) return { limit: rule.limit, region: rule.region };
  const best = points.reduce((a, b) => ((b.sqnrDb ?? -Infinity) > (a.sqnrDb ?? -Infinity) ? b : a));
  return { limit: best.limit, region: null };
}

/** A limit within reach of the handle. */
export function freeLimit(limit: number): SupportLimit {
  return { limit: Number(Math.min(Math.max(limit, LEAST_LIMIT), GREATEST_LIMIT).toFixed(DECIMALS)), region: null };
}

/** The named choice within `reach` of the limit, the nearest one, else the limit itself. */
export function snapped({ named }: PageSupportCurve, limit: number, reach: number): SupportLimit {
  const near = named.filter((each) => Math.abs(each.limit - limit) <= reach);
  if (near.length === 0) return freeLimit(limit);
  const { limit: at, region } = near.reduce((a, b) => (Math.abs(b.limit - limit) < Math.abs(a.limit - limit) ? b : a));
  return { limit: at, region };
}

/**
 * Where a key moves the limit: arrows by a tenth, with Shift by one; Page keys to the next named choice. Null: not the
 * slider's.
 */
export function limitByKey(
  press: Pick<KeyboardEvent, 'key' | 'shiftKey'>, { named: unsorted }: PageSupportCurve, { limit }: SupportLimit,
): SupportLimit | null {
  const step = press.shiftKey ? 1 : STEP;
  const named = [...unsorted].sort((a, b) => a.limit - b.limit);
  const choice = (found: (typeof named)[number] | undefined): SupportLimit | null => (
    found ? { limit: found.limit, region: found.region } : null
  );
  switch (press.key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return freeLimit(limit + step);
    case 'ArrowLeft':
    case 'ArrowDown':
      return freeLimit(limit - step);
    case 'Home':
      return freeLimit(LEAST_LIMIT);
    case 'End':
      return freeLimit(GREATEST_LIMIT);
    case 'PageUp':
      return choice(named.find((each) => each.limit > limit));
    case 'PageDown':
      return choice(named.filter((each) => each.limit < limit).at(-1));
    default:
      return null;
  }
}

/** SQNR at a limit, measured and in theory, between the points of the curve; of a named choice its own. Null beyond the curve. */
export function sqnrAt(
  { points, named }: PageSupportCurve, { limit, region }: SupportLimit,
): { sqnrDb: number | null; theorySqnrDb: number | null } {
  const rule = named.find((each) => each.region === region);
  if (rule) return rule;
  const after = points.findIndex((point) => point.limit >= limit);
  const [a, b] = [points[Math.max(after - 1, 0)], points[after]];
  if (!a || !b) return { sqnrDb: null, theorySqnrDb: null };
  const share = b.limit > a.limit ? (limit - a.limit) / (b.limit - a.limit) : 1;
  const between = (from: number | null, to: number | null): number | null => (
    from === null || to === null ? null : from + share * (to - from)
  );
  return { sqnrDb: between(a.sqnrDb, b.sqnrDb), theorySqnrDb: between(a.theorySqnrDb, b.theorySqnrDb) };
}

/** The limit in words, with what it is worth. */
export function limitText(curve: PageSupportCurve, chosen: SupportLimit): string {
  const { sqnrDb, theorySqnrDb } = sqnrAt(curve, chosen);
  const at = l10n.t('{0} standard deviations', formatNumber(chosen.limit, 3));
  return [
    chosen.region === null ? at : `${chosen.region}, ${at}`,
    l10n.t('{0} dB measured, {1} dB in theory', formatDb(sqnrDb), formatDb(theorySqnrDb)),
  ].join(': ');
}

/** Where a limit clips, in the units of the weights. */
export function clipLimits({ mean, std }: PageSupportCurve, { limit }: SupportLimit): [number, number] {
  return [mean - limit * std, mean + limit * std];
}

/** The limit at which weights are clipped at `x`. */
export function limitOf({ mean, std }: PageSupportCurve, x: number): number {
  return Math.abs(x - mean) / std;
}

/**
 * What a tried support makes of a codebook: levels of a symmetric or mid-rise grid are as far apart as it is wide. Those of
 * other quantizers, and of one of many channels, do not follow from it and are left out.
 */
export function movedCodebook(codebook: PageCodebook, support: [number, number], isOneGrid: boolean): PageCodebook {
  const [from, to] = codebook.support;
  if (!isOneGrid || codebook.channel !== null || to <= from) return { ...codebook, levels: [], thresholds: [], support };
  const moved = (x: number): number => support[0] + ((x - from) / (to - from)) * (support[1] - support[0]);
  return { ...codebook, levels: codebook.levels.map(moved), thresholds: codebook.thresholds.map(moved), support };
}
