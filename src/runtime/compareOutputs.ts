import { CoreError, type ProblemCode } from '../core/errors';
import type { Job } from '../core/job';
import type { OutputComparison, OutputInputs } from '../protocol/outputComparison';
import { readInputs } from './inputs/readInputs';
import { OutputSums } from './outputSums';
import { runModels, type ModelFile } from './runModels';
import type { Runtime } from './runtime';

/** Problems of models, whose weights can be compared all the same. */
const DO_NOT_RUN: ProblemCode[] = ['inputs-invalid', 'runtime-failed', 'external-missing'];

/**
 * Runs two models on the same inputs and compares their outputs. A model that does not run is a problem in the result.
 * @throws CoreError `inputs-invalid`, `file-not-found` or `file-unreadable` for the input file; `cancelled`
 */
export async function compareOutputs(
  runtime: Runtime, a: ModelFile, b: ModelFile, inputs: OutputInputs, job: Job = {},
): Promise<OutputComparison> {
  const { file = null } = inputs;
  const arrays = file === null ? null : readInputs(file);
  try {
    const sums = new OutputSums();
    const ran = await runModels(runtime, [a, b], { arrays, options: inputs }, ({ outputs: [left, right] }) => (
      sums.add(left!, right!)
    ), job);
    return { file, ...ran, runtime: runtime.name, ...sums.result(), problem: null };
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    const { code, detail } = error.problem;
    if (code === 'inputs-invalid' && file !== null) throw new CoreError(code, { file }, detail);
    if (!DO_NOT_RUN.includes(code)) throw error;
    return { file, samples: 0, scaled: false, unused: [], runtime: null, outputs: [], onlyA: [], onlyB: [], problem: error.problem };
  }
}
