import { CoreError } from '../errors';
import { layerKey, type Layer } from '../onnx/layer';
import { calibratedSetting, needsCalibration } from '../plan/calibrationSettings';
import type { PlannedLayer } from '../plan/layerSettings';
import type { Tuning } from '../plan/plan';

/**
 * That there is calibration data where planned layers or the correction of biases need some.
 * @param file the model's
 * @throws CoreError `calibration-missing`
 */
export function requireData(
  planned: readonly PlannedLayer[], { calibration, biasCorrection }: Tuning, layers: readonly Layer[], file: string,
): void {
  if (calibration) return;
  const needy = planned.find(({ settings }) => needsCalibration(settings));
  if (needy) throw new CoreError('calibration-missing', { tensor: layerKey(layers[needy.layer]!) }, calibratedSetting(needy.settings));
  if (biasCorrection) throw new CoreError('calibration-missing', { file });
}
