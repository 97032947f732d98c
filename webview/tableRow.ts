import type { DataType } from '../src/core/onnx/dataType';
import type { LayerRow, PageProblem, PageStatistics, PlanRow } from '../src/protocol/page';

/** All that is known of one layer by now. */
export interface TableRow {
  layer: LayerRow;
  plan: PlanRow | null;
  statistics: PageStatistics | null;
  problem: PageProblem | null;
  /** How far the weights moved when the file last changed, as a Kolmogorov–Smirnov distance; null where that is not known. */
  moved: number | null;
}

export interface FamilyFit {
  family: 'laplace' | 'gauss';
  /** Kolmogorov–Smirnov distance: lower is better. */
  ks: number;
}

const FLOAT_TYPES: readonly string[] = ['float32', 'float16', 'bfloat16', 'float64'] satisfies DataType[];

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

/** The planned width, or that of weights that are quantized already; null in float. */
export function bitsOf({ layer, plan }: TableRow): number | null {
  return layer.quantized?.bits ?? plan?.bits ?? null;
}

/** Why the layer stays as it is, whatever its settings say; null when it is quantized as planned, or not planned. */
export function reasonToStay({ layer, plan }: TableRow): string | null {
  return layer.reason ?? plan?.note ?? null;
}

/** Only floating point weights have statistics. */
export function isFloat({ dtype }: LayerRow): boolean {
  return FLOAT_TYPES.includes(dtype);
}

/** Measured without any error, or with next to none of zeros: the ratio is infinite, which travels as null. */
export function isLossless(plan: PlanRow | null): boolean {
  return plan !== null && (plan.mse === 0 || (plan.sqnrDb === null && plan.cosine === 1));
}

/** The SQNR to sort and filter by, in dB: Infinity when nothing is lost, null while unknown or when the layer stays as it is. */
export function sqnrDb(plan: PlanRow | null): number | null {
  if (plan !== null && plan.note !== null) return null;
  return isLossless(plan) ? Infinity : (plan?.sqnrDb ?? null);
}

/** The same of the layer's outputs on calibration data. */
export function outputSqnrDb(plan: PlanRow | null): number | null {
  if (plan?.output?.state !== 'measured' || plan.note !== null) return null;
  return plan.output.sqnrDb ?? Infinity;
}

/** Identifies a layer across reloads of its model: names are unique within a scope. */
export function layerKey(layer: LayerRow): string {
  return layer.scope === '' ? layer.name : `${layer.scope}::${layer.name}`;
}
