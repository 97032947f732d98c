import type { CalibrationData, Tuning } from '../core/plan/plan';
import type { GivenOptions } from './arguments';
import { layoutOf, scaleOf } from './compareArguments';
import { UsageError } from './usageError';

/** What a command line says of calibration, to be taken over what its plan says. @throws UsageError */
export function tuningOf(given: GivenOptions): Tuning {
  const calibration = calibrationOf(given);
  return {
    ...(calibration && { calibration }),
    ...(given.flag('bias-correction') && { biasCorrection: true }),
    ...(given.flag('equalize') && { equalization: true }),
  };
}

function calibrationOf(given: GivenOptions): CalibrationData | null {
  const [inputs, samples, scale, layout] = (['calibration', 'calibration-samples', 'input-scale', 'layout'] as const)
    .map((name) => given.text(name));
  if (inputs === undefined) {
    const surplus = (['calibration-samples', 'input-scale', 'layout'] as const).find((name) => given.text(name) !== undefined);
    if (surplus !== undefined) throw new UsageError(`--${surplus} says how --calibration is read, which is not given`);
    return null;
  }
  return {
    inputs,
    ...(samples !== undefined && { samples: samplesOf(samples) }),
    ...(scale !== undefined && { scale: scaleOf(scale) }),
    ...(layout !== undefined && { layout: layoutOf(layout) }),
  };
}

function samplesOf(text: string): number {
  const samples = /^\d+$/.test(text) ? Number(text) : 0;
  if (samples < 1 || !Number.isSafeInteger(samples)) {
    throw new UsageError(`--calibration-samples needs a whole number from 1 on, not "${text}"`);
  }
  return samples;
}
