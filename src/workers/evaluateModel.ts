import { promises } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { CoreError } from '../core/errors';
import type { Job } from '../core/job';
import type { EvaluatedCopy, Evaluation, EvaluationInputs, EvaluationReference } from '../protocol/evaluation';
import { evaluateModels } from '../runtime/evaluateModels';
import { openRuntime } from '../runtime/openRuntime';
import type { OpenModel, WithModel } from './modelCache';
import { partOfJob } from './partOfJob';
import { quantizeModel } from './quantizeModel';

/** How much of the job writing a copy takes, for its progress. */
const WRITING = 0.5;

/**
 * Evaluates a model, alone or against a reference; or the copy that a plan makes of it, against the model.
 * @throws CoreError as `evaluateModels` and `quantizeModel` do
 */
export async function evaluateModel(
  withModel: WithModel, model: OpenModel, reference: EvaluationReference | null, inputs: EvaluationInputs, job: Job,
): Promise<Evaluation> {
  const runtime = await openRuntime();
  if (!reference) return evaluateModels(runtime, model.index, null, inputs, job);
  if ('path' in reference) {
    return withModel(reference, job, ({ index }) => evaluateModels(runtime, model.index, index, inputs, job));
  }
  const [writing, running] = [partOfJob(job, 0, WRITING), partOfJob(job, WRITING, 1)];
  return withCopy(model, reference.copy, writing, (path) => withModel({ path }, running, ({ index }) => (
    evaluateModels(runtime, index, model.index, inputs, running)
  )));
}

/** Writes a copy into a temporary folder and evaluates it, and removes it whatever becomes of it. */
async function withCopy(
  model: OpenModel, { plan, format, tuning = {} }: EvaluatedCopy, job: Job, use: (path: string) => Promise<Evaluation>,
): Promise<Evaluation> {
  const folder = await promises.mkdtemp(join(tmpdir(), 'quantscope-evaluate-'));
  try {
    const path = join(folder, basename(model.index.path));
    const { layers } = await quantizeModel(model, plan, { path, format, force: false, verify: false, tuning }, job);
    const evaluation = await use(path).catch((error: unknown) => { throw ofCopy(error, path, model.index.path); });
    return { ...evaluation, copyLayers: layers };
  } finally {
    await promises.rm(folder, { recursive: true, force: true });
  }
}

/** A problem of a copy that nobody will find where it was: it is the model's, and ONNX Runtime's words say that it is of the copy. */
function ofCopy(error: unknown, copy: string, model: string): unknown {
  if (!(error instanceof CoreError)) return error;
  const { code, place, detail } = error.problem;
  const told = Object.entries(detail).map(([key, value]): [string, string | number] => (
    [key, typeof value === 'string' ? value.replaceAll(copy, `the copy of ${model}`) : value]
  ));
  return new CoreError(code, place.file === copy ? { ...place, file: model } : place, Object.fromEntries(told));
}
