import type { CurvePoint, PlanRow } from '../src/protocol/page';

/** The points of a layer's outputs where they are measured; theory predicts none. */
export function outputPoints(points: readonly CurvePoint[]): CurvePoint[] {
  return points.flatMap(({ outputSqnrDb, ...point }) => (
    outputSqnrDb === undefined ? [] : [{ ...point, sqnrDb: outputSqnrDb, predictedSqnrDb: null }]
  ));
}

/** Where the planned rounding brings the layer's outputs, beside the point of its method rounded to nearest. */
export interface RoundedPoint {
  bits: CurvePoint['bits'];
  rounding: NonNullable<PlanRow['rounding']>;
  sqnrDb: number;
}

export function roundedPoint(plan: PlanRow | null): RoundedPoint | null {
  if (!plan?.rounding || plan.bits === null || plan.output?.state !== 'measured' || plan.output.sqnrDb === null) return null;
  return { bits: plan.bits, rounding: plan.rounding, sqnrDb: plan.output.sqnrDb };
}
