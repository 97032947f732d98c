import type { Problem } from '../errors';
import { LAYOUTS, type CalibrationData } from './plan';
import { isQuoted, valueText } from './valueText';

export const CALIBRATION_KEYS = ['inputs', 'samples', 'scale', 'layout'] as const satisfies readonly (keyof CalibrationData)[];

type Key = (typeof CALIBRATION_KEYS)[number];

/** On Windows another machine's: merely opening a folder with a plan would log in there. */
export function isNetworkPath(path: string): boolean {
  return /^[\\/]{2}/.test(path);
}

/** What each key may hold, in words and as a test. */
const LEGAL: Record<Key, { expected: string; isLegal: (value: unknown) => boolean }> = {
  inputs: {
    expected: 'a path on this machine',
    isLegal: (value) => typeof value === 'string' && value !== '' && !isNetworkPath(value),
  },
  samples: { expected: 'a whole number from 1 on', isLegal: (value) => Number.isSafeInteger(value) && Number(value) >= 1 },
  scale: { expected: 'a number above 0', isLegal: (value) => typeof value === 'number' && value > 0 && Number.isFinite(value) },
  layout: { expected: LAYOUTS.join(', '), isLegal: (value) => LAYOUTS.some((layout) => layout === value) },
};

/** A plan's `calibration`, or the problems that keep it from being used, each at its JSON path. */
export function readCalibration(value: Record<string, unknown>): { calibration: CalibrationData } | { problems: Problem[] } {
  const problems = CALIBRATION_KEYS.filter((key) => (
    !LEGAL[key].isLegal(value[key]) && (key === 'inputs' || value[key] !== undefined)
  )).map((key): Problem => ({
    code: 'setting-invalid',
    place: { path: `calibration.${key}` },
    detail: {
      setting: key, value: value[key] === undefined ? '' : valueText(value[key]), expected: LEGAL[key].expected,
      ...(isQuoted(value[key], LEGAL[key].isLegal) && { reason: 'quoted' }),
    },
  }));
  if (problems.length > 0) return { problems };
  const known = CALIBRATION_KEYS.filter((key) => value[key] !== undefined).map((key) => [key, value[key]]);
  return { calibration: Object.fromEntries(known) as unknown as CalibrationData };
}
