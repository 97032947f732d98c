import type { LayerRow, PageProblem, PageStatistics, PlanRow } from '../src/protocol/page';

/** All that is known of one layer by now. */
export interface TableRow {
  layer: LayerRow;
  plan: PlanRow | null;
  statistics: PageStatistics | null;
  problem: PageProblem | null;
}

export interface FamilyFit {
  family: 'laplace' | 'gauss';
  /** Kolmogorov–Smirnov distance: lower is better. */
  ks: number;
}

/** The fitted family nearer to the weights, or null where none was fitted. */
export function bestFit(statistics: PageStatistics | null): FamilyFit | null {
  const laplace = statistics?.laplace;
  const gauss = statistics?.gauss;
  if (!laplace) return gauss ? { family: 'gauss', ks: gauss.ks } : null;
  if (!gauss || laplace.ks <= gauss.ks) return { family: 'laplace', ks: laplace.ks };
  return { family: 'gauss', ks: gauss.ks };
}

export function isQuantizable(row: TableRow): boolean {
  return row.layer.reason === null;
}

/** Measured without any error at all: the ratio is infinite, which travels as null. */
export function isLossless(plan: PlanRow | null): boolean {
  return plan !== null && plan.mse === 0;
}

/** The SQNR to sort and filter by, in dB: Infinity when nothing is lost, null while unknown. */
export function sqnrDb(plan: PlanRow | null): number | null {
  return isLossless(plan) ? Infinity : (plan?.sqnrDb ?? null);
}

/** Identifies a layer across reloads of its model: names are unique within a scope. */
export function layerKey(layer: LayerRow): string {
  return layer.scope === '' ? layer.name : `${layer.scope}::${layer.name}`;
}
