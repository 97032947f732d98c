import type { Problem } from '../core/errors';
import { calibratedSetting, needsCalibration } from '../core/plan/calibrationSettings';
import { completeSettings } from '../core/plan/layerSettings';
import type { CalibrationData, Tuning } from '../core/plan/plan';
import type { GivenOptions, Selection } from './arguments';
import { readingOf } from './compareArguments';
import type { OptionName } from './options';
import { problemLine } from './problemLine';
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

/** That what needs inputs has some, unless a plan may name them. @throws UsageError */
export function requireCalibration(selection: Selection, { calibration, biasCorrection }: Tuning): void {
  if (calibration || 'plan' in selection) return;
  const settings = completeSettings(selection.settings);
  if (needsCalibration(settings)) {
    const detail = calibratedSetting(settings);
    throw missingFor(`--${detail.setting}`, detail);
  }
  if (biasCorrection) throw missingFor('--bias-correction');
}

function missingFor(path: string, detail: Problem['detail'] = {}): UsageError {
  return new UsageError(problemLine({ code: 'calibration-missing', place: { path }, detail }));
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
