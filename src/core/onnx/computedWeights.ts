import type { CancelSignal } from '../job';
import type { FloatArray } from './dataType';
import { elementCount } from './elementCount';
import type { ConstantStep, StoredTensor } from './modelIndex';
import type { Numbers } from './stepOperators';
import { requireRoom, StepResults, type ConstantReader } from './stepResults';

/**
 * Evaluates a weight that dequantization nodes compute, each node as ONNX Runtime does: rounded to its type.
 * @param read elements of a constant
 * @throws CoreError `malformed` when a code points past its table; `limit-exceeded`, `cancelled`, and what `read` throws
 */
export function computedWeights(
  steps: ConstantStep[], read: (tensor: StoredTensor) => Numbers, signal: CancelSignal | undefined,
): FloatArray {
  requireRoom(steps.reduce((sum, { constant, dims }) => sum + (constant ? 0 : elementCount(dims)), 0));
  const results = new StepResults(steps, { all: read, run: () => null }, signal);
  return results.all(steps.length - 1) as FloatArray;
}

/**
 * The same, run by run: embeddings of language models are too large for memory as a whole.
 * @throws CoreError as `computedWeights`
 */
export function* computedRuns(
  steps: ConstantStep[], read: ConstantReader, runElements: number, signal: CancelSignal | undefined,
): Generator<FloatArray> {
  const results = new StepResults(steps, read, signal);
  const last = steps.length - 1;
  const elements = elementCount(steps[last]!.dims);
  for (let at = 0; at < elements; at += runElements) {
    yield results.run(last, at, Math.min(runElements, elements - at)) as FloatArray;
  }
}
