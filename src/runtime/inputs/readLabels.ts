import { CoreError } from '../../core/errors';
import { elementCount } from '../../core/onnx/elementCount';
import { readInputs } from './readInputs';

/**
 * The classes of samples: a file's only array, of one whole number a sample.
 * @throws CoreError `labels-invalid`, `file-not-found`, `file-unreadable`
 */
export function readLabels(file: string): number[] {
  const [array, surplus] = arraysOf(file);
  if (!array || surplus) throw invalidLabels(file, 'it holds several arrays');
  const { dims, values } = array;
  if (dims[0] !== elementCount(dims)) throw invalidLabels(file, `an array of ${dims.join('x') || 'no dimension'} is not one number a sample`);
  const labels = Array.from(values, Number);
  const odd = labels.find((label) => !Number.isSafeInteger(label));
  if (odd !== undefined) throw invalidLabels(file, `${odd} is no whole number`);
  return labels;
}

/** Labels that cannot be used; `message` says why as a clause. */
export function invalidLabels(file: string, message: string): CoreError {
  return new CoreError('labels-invalid', { file }, { message });
}

function arraysOf(file: string): ReturnType<typeof readInputs> {
  try {
    return readInputs(file);
  } catch (error) {
    if (!(error instanceof CoreError) || error.problem.code !== 'inputs-invalid') throw error;
    throw invalidLabels(file, String(error.problem.detail.message));
  }
}
