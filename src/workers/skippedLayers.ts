import { basename } from 'node:path';
import type { CopyFormat } from '../core/encodings/copyFormat';
import type { SkippedLayer } from '../core/encodings/copySize';
import type { CancelSignal } from '../core/job';
import { planCopy } from '../core/onnx/planCopy';
import type { PlannedLayer } from '../core/plan/layerSettings';
import type { Tuning } from '../core/plan/plan';
import { calibrationOf } from './calibrateModel';
import type { OpenModel } from './modelCache';
import { unusableLayers } from './modelWeights';

/** The layers that a copy leaves as they are, and why: weights are looked at, no error is measured. */
export function skippedLayers(
  model: OpenModel, planned: PlannedLayer[], format: CopyFormat, tuning: Tuning, signal: CancelSignal | undefined,
): SkippedLayer[] {
  const { index } = model;
  const calibration = calibrationOf(model, planned, tuning, signal);
  const unusable = unusableLayers(model, planned, signal);
  return planCopy(index, calibration.planned, basename(index.path), { format, unusable }).size.skipped;
}
