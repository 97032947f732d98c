import { isAbsolute, join } from 'node:path';
import type { QuantizationPlan, Tuning } from '../core/plan/plan';

/** What a plan says of the whole copy, its paths as they can be opened. @param folder the plan's */
export function openableTuning({ calibration, biasCorrection, equalization }: QuantizationPlan, folder: string): Tuning {
  return {
    ...(calibration && { calibration: { ...calibration, inputs: besidePlan(calibration.inputs, folder) } }),
    ...(biasCorrection !== undefined && { biasCorrection }),
    ...(equalization !== undefined && { equalization }),
  };
}

/** A path that a plan names, as it can be opened. @param folder the plan's */
export function besidePlan(path: string, folder: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}
