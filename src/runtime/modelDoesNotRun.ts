import { CoreError } from '../core/errors';

/** A failure of ONNX Runtime on a model that is only run: without what is said of copies that are written. */
export function modelDoesNotRun(error: unknown): unknown {
  if (!(error instanceof CoreError) || error.problem.code !== 'runtime-failed') return error;
  const { place, detail } = error.problem;
  return new CoreError('model-does-not-run', place, detail);
}
