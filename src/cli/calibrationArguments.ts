import type { CalibrationData, Tuning } from '../core/plan/plan';
import type { GivenOptions } from './arguments';
import { readingOf } from './compareArguments';
import type { OptionName } from './options';
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

/** @throws UsageError */
export function calibrationOf(given: GivenOptions): CalibrationData | null {
  const [inputs, samples] = [given.text('calibration'), given.text('calibration-samples')];
  const reading = readingOf(given, 'calibration');
  if (inputs === undefined) {
    if (samples === undefined) return null;
    throw new UsageError('--calibration-samples says how --calibration is read, which is not given');
  }
  return { inputs, ...(samples !== undefined && { samples: countOf('calibration-samples', samples) }), ...reading };
}

/** How many samples an option asks for. @throws UsageError */
export function countOf(name: OptionName, text: string): number {
  const samples = /^\d+$/.test(text) ? Number(text) : 0;
  if (samples < 1 || !Number.isSafeInteger(samples)) {
    throw new UsageError(`--${name} needs a whole number from 1 on, not "${text}"`);
  }
  return samples;
}
