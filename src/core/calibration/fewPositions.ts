import { needsCalibration } from '../plan/calibrationSettings';
import type { LayerSettings } from '../plan/layerSettings';
import type { LayerInputs } from './layerInputs';

/** What a layer was rounded by, where it is little: fewer positions than each of its outputs has inputs. */
export interface FewPositions {
  positions: number;
  inputs: number;
}

/**
 * Second moments of fewer positions than inputs are singular: errors of weights that no position shows cost a calibrated
 * rounding nothing, so that it moves errors there, where other data find them. The error on the calibration data hides it.
 * Null where positions are enough, or the layer is not rounded by them.
 */
export function fewPositions(
  settings: LayerSettings, { matrix: { columns: inputs }, moments: { positions } }: LayerInputs,
): FewPositions | null {
  return needsCalibration(settings) && positions < inputs ? { positions, inputs } : null;
}
