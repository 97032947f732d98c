import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { CoreError } from '../core/errors';
import type { QuantizationPlan, Tuning } from '../core/plan/plan';
import { openableTuning } from '../platform/openableTuning';
import type { Selection } from './arguments';

/** What a plan says of the whole copy, and over it what the command line says. */
export function tuningOver(plan: QuantizationPlan, selection: Selection, given: Tuning): Tuning {
  return { ...openableTuning(plan, 'plan' in selection ? dirname(selection.plan) : ''), ...given };
}

/**
 * That calibration data is there which the plan names: later on nobody knows whose path it is that leads nowhere.
 * @throws CoreError `file-not-found`
 */
export function requirePlanInputs({ calibration }: Tuning, given: Tuning): void {
  if (!calibration || given.calibration || existsSync(calibration.inputs)) return;
  throw new CoreError('file-not-found', { file: calibration.inputs, path: 'calibration.inputs' });
}
