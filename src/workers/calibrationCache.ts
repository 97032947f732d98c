import type { CalibratedCopy } from './calibrateModel';

/** What a copy's codes may take to be kept; of models that take more, calibration is done anew. */
const MOST_BYTES = 64 * 2 ** 20;

/** The calibration done last: a plan is evaluated, and then a copy written of it. */
export interface CalibrationCache {
  get(key: string): CalibratedCopy | undefined;
  keep(key: string, copy: CalibratedCopy): void;
}

export function createCalibrationCache(): CalibrationCache {
  let last: { key: string; copy: CalibratedCopy } | undefined;
  return {
    get: (key) => (last?.key === key ? last.copy : undefined),
    keep(key, copy) {
      const bytes = [...copy.quantized.values()].reduce((sum, { codes }) => sum + codes.length, 0);
      last = bytes <= MOST_BYTES ? { key, copy } : undefined;
    },
  };
}
