import { CoreError } from '../core/errors';
import type { CancelSignal } from '../core/job';
import { readNetwork } from '../core/onnx/indexModel';
import { LAYOUTS, type CalibrationData } from '../core/plan/plan';
import type { CalibrationFit } from '../protocol/coreService';
import { declaredInputs } from '../runtime/inputs/declaredInputs';
import { fitInputs } from '../runtime/inputs/fitInputs';
import { readInputs } from '../runtime/inputs/readInputs';
import type { OpenModel } from './modelCache';

/**
 * Whether calibration data fits a model, found out without running it.
 * @throws CoreError `inputs-invalid`, `cancelled`, and what reading the file throws
 */
export function calibrationFit(
  { files, index }: OpenModel, { inputs, scale, layout }: CalibrationData, signal: CancelSignal | undefined,
): CalibrationFit {
  const arrays = readInputs(inputs);
  const declared = declaredInputs(files, index, readNetwork(files, signal).main);
  const given = { ...(scale !== undefined && { scale }), ...(layout !== undefined && { layout }) };
  try {
    fitInputs(arrays, declared, given);
    return { layouts: [] };
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    const layouts = LAYOUTS.filter((turned) => {
      try {
        fitInputs(arrays, declared, { ...given, layout: turned });
        return true;
      } catch {
        return false;
      }
    });
    if (layouts.length === 0) throw new CoreError(error.problem.code, { file: inputs }, error.problem.detail);
    return { layouts };
  }
}
