import { CoreError } from '../core/errors';
import type { CancelSignal } from '../core/job';
import { readNetwork } from '../core/onnx/indexModel';
import { LAYOUTS } from '../core/plan/plan';
import type { InputsFit } from '../protocol/coreService';
import { declaredInputs } from '../runtime/inputs/declaredInputs';
import { fitInputs } from '../runtime/inputs/fitInputs';
import { readInputs } from '../runtime/inputs/readInputs';
import type { OpenModel } from './modelCache';

/**
 * Whether a file of inputs fits a model, and what its arrays leave open, found out without running it.
 * @throws CoreError `inputs-invalid`, `cancelled`, and what reading the file throws
 */
export function inputsFit({ files, index }: OpenModel, file: string, signal: CancelSignal | undefined): InputsFit {
  const arrays = readInputs(file);
  const declared = declaredInputs(files, index, readNetwork(files, signal).main);
  try {
    return { layouts: [], hasPixels: fitInputs(arrays, declared).scaled };
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    const turned = LAYOUTS.flatMap((layout) => {
      try {
        return [{ layout, hasPixels: fitInputs(arrays, declared, { layout }).scaled }];
      } catch {
        return [];
      }
    });
    if (turned.length === 0) throw new CoreError(error.problem.code, { file }, error.problem.detail);
    return { layouts: turned.map(({ layout }) => layout), hasPixels: turned.some(({ hasPixels }) => hasPixels) };
  }
}
