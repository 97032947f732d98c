import { CoreError } from '../core/errors';
import type { Job } from '../core/job';
import type { EvaluatedOutput, Evaluation, EvaluationInputs } from '../protocol/evaluation';
import { AccuracyCount, classOutput, type ClassOutput } from './classification';
import { readInputs } from './inputs/readInputs';
import { invalidLabels, readLabels } from './inputs/readLabels';
import { floatsOf } from './inputs/tensorData';
import { modelDoesNotRun } from './modelDoesNotRun';
import { OutputSums } from './outputSums';
import { runModels, type ModelFile, type ModelRun } from './runModels';
import type { Runtime, RuntimeTensor } from './runtime';

/**
 * Runs a model, and a reference beside it, and counts how often each is right and both agree.
 * @throws CoreError `inputs-invalid`, `labels-invalid`, `file-not-found` or `file-unreadable` for the files;
 *   `model-does-not-run`, `cancelled`
 */
export async function evaluateModels(
  runtime: Runtime, model: ModelFile, reference: ModelFile | null, inputs: EvaluationInputs, job: Job = {},
): Promise<Evaluation> {
  const { file = null, labels: labelFile = null } = inputs;
  const arrays = file === null ? null : readInputs(file);
  const labels = labelFile === null ? null : { file: labelFile, values: readLabels(labelFile) };
  const [evaluated, referenced] = [new AccuracyCount(), new AccuracyCount()];
  const sums = new OutputSums();
  const outputs = new Map<string, EvaluatedOutput>();
  let classesOf: string | null = null;
  const take = ({ outputs: [own, others], ...run }: ModelRun): void => {
    for (const [name, output] of Object.entries(own!)) {
      const { dims, notFinite } = outputs.get(name) ?? { dims: [...output.dims], notFinite: 0 };
      outputs.set(name, { name, dims, notFinite: notFinite + notFiniteIn(output) });
    }
    const classes = classOutput(others ?? own!, run.count);
    classesOf ??= classes?.name ?? null;
    if (labels) evaluated.add(...labelled(classOutput(own!, run.count), labels, run));
    if (labels && others) referenced.add(...labelled(classes, labels, run));
    if (others) sums.add(others, own!);
  };
  const ran = await runModels(runtime, reference ? [model, reference] : [model], { arrays, options: inputs }, take, job)
    .catch((error: unknown) => { throw placed(error, file); });
  const { outputs: differences, ...only } = sums.result();
  return {
    file, labels: labelFile, ...ran, runtime: runtime.name, outputs: [...outputs.values()],
    evaluated: evaluated.result(),
    reference: reference && {
      accuracy: referenced.result(),
      agreement: differences.find(({ a }) => a === classesOf)?.top1Agreement ?? null,
      outputs: differences,
      ...only,
    },
  };
}

function notFiniteIn(output: RuntimeTensor): number {
  let count = 0;
  for (const value of floatsOf(output) ?? []) if (!Number.isFinite(value)) count++;
  return count;
}

/** An output of classes and the labels of its samples. @throws CoreError `labels-invalid` when they do not go together */
function labelled(
  output: ClassOutput | null, { file, values }: { file: string; values: number[] }, { first, count, given }: Omit<ModelRun, 'outputs'>,
): [ClassOutput, number[]] {
  if (values.length !== given) throw invalidLabels(file, `there are ${values.length} labels for ${given} samples`);
  if (!output) throw invalidLabels(file, 'no output of the model is a row of classes for each sample');
  const labels = values.slice(first, first + count);
  const outside = labels.find((label) => label < 0 || label >= output.classes);
  if (outside !== undefined) throw invalidLabels(file, `${outside} is none of the ${output.classes} classes, which count from 0`);
  return [output, labels];
}

/** The problem with the input file's name. */
function placed(error: unknown, file: string | null): unknown {
  if (!(error instanceof CoreError) || error.problem.code !== 'inputs-invalid' || file === null) return modelDoesNotRun(error);
  const { code, place, detail } = error.problem;
  return new CoreError(code, { file, ...place }, detail);
}
