import { basename, dirname, isAbsolute } from 'node:path';
import * as v from 'valibot';
import type { QuantizationPlan } from '../core/plan/plan';
import { besidePlan } from '../platform/openableTuning';
import { pathInPlan } from '../platform/pathInPlan';

/** A file by the paths it had and has. */
export interface Move {
  from: string;
  to: string;
}

const planText = v.pipe(v.string(), v.parseJson(), v.looseObject({
  model: v.string(),
  calibration: v.exactOptional(v.looseObject({ inputs: v.string() })),
}));

type Surroundings = Pick<QuantizationPlan, 'model' | 'calibration'>;

/**
 * A plan as it is right beside its moved model: the name and the way to calibration data follow, as far as they were that model's.
 * @param others what moved at the same time
 */
export function movedPlan<Plan extends Surroundings>(plan: Plan, move: Move, others: readonly Move[]): Plan {
  const { model, calibration } = plan;
  return {
    ...plan,
    ...(model === basename(move.from) && { model: basename(move.to) }),
    ...(calibration && { calibration: { ...calibration, inputs: movedInputs(calibration.inputs, move, others) } }),
  };
}

/** `movedPlan` of a plan file's text, which may hold what cannot be used: that stays in it. */
export function movedPlanText(text: string, move: Move, others: readonly Move[]): string {
  const { success, output } = v.safeParse(planText, text);
  if (!success) return text;
  const moved = movedPlan(output, move, others);
  return JSON.stringify(moved) === JSON.stringify(output) ? text : `${JSON.stringify(moved, null, 2)}\n`;
}

function movedInputs(inputs: string, { from, to }: Move, others: readonly Move[]): string {
  const [before, after] = [dirname(from), dirname(to)];
  if (before === after || isAbsolute(inputs)) return inputs;
  const file = besidePlan(inputs, before);
  return pathInPlan(others.find((other) => other.from === file)?.to ?? file, after);
}
