import { CoreError } from '../core/errors';
import type { CancelSignal } from '../core/job';
import { readNetwork } from '../core/onnx/indexModel';
import { LAYOUTS, type CalibrationData } from '../core/plan/plan';
import type { CalibrationFit } from '../protocol/coreService';
import type { InputOptions } from '../protocol/outputComparison';
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
  const samplesAs = (options: InputOptions): number => fitInputs(arrays, declared, options).samples;
  const given = { ...(scale !== undefined && { scale }), ...(layout !== undefined && { layout }) };
  try {
    return { samples: samplesAs(given), layouts: [] };
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    const fits = LAYOUTS.flatMap((turned) => {
      try {
        return [{ layout: turned, samples: samplesAs({ ...given, layout: turned }) }];
      } catch {
        return [];
      }
    });
    const [first] = fits;
    if (!first) throw new CoreError(error.problem.code, { file: inputs }, error.problem.detail);
    return { samples: first.samples, layouts: fits.map((each) => each.layout) };
  }
}
