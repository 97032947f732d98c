import { CoreError } from '../core/errors';
import { throwIfCancelled, type Job } from '../core/job';
import { missingFiles } from '../core/onnx/externalFile';
import type { ModelIndex } from '../core/onnx/modelIndex';
import type { FirstInputs } from '../protocol/outputComparison';
import { BATCH, fitInputs } from './inputs/fitInputs';
import type { InputArray } from './inputs/inputArray';
import { randomInputs } from './inputs/randomInputs';
import type { Runtime, RuntimeModel, RuntimeTensor } from './runtime';

/** Random inputs are tried one after the other: each is a sample of its own. */
const RANDOM_SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
/** Larger models are run on inputs that were given, not on random ones. */
const MAX_UNASKED_BYTES = 512 * 1024 * 1024;

export type ModelFile = Pick<ModelIndex, 'path' | 'bytes' | 'externalFiles'>;

/** What models make of some samples, in the order of the models. */
export interface ModelRun {
  outputs: Record<string, RuntimeTensor>[];
  /** Which of the samples these are: `count` from `first` on, of `given` that there are. */
  first: number;
  count: number;
  given: number;
}

/** The same inputs for all models: a file's arrays, or seeded random ones of the first model's shapes. */
export interface GivenInputs {
  arrays: InputArray[] | null;
  options: FirstInputs;
}

/** What models were run on. */
export interface RunInputs {
  samples: number;
  /** Whether bytes were divided by 255 without being told so. */
  scaled: boolean;
  /** Names of arrays that no model takes. */
  unused: string[];
}

/**
 * Loads models and runs them on the same inputs, some samples at a time. Outputs are handed to `take` and not kept.
 * @throws CoreError `external-missing`, `inputs-invalid`, `runtime-failed`, `cancelled`, and what `take` throws
 */
export async function runModels(
  runtime: Runtime, files: ModelFile[], inputs: GivenInputs, take: (run: ModelRun) => void, job: Job = {},
): Promise<RunInputs> {
  files.forEach(requireData);
  if (!inputs.arrays) requireSmall(files);
  return withModels(runtime, files, (models) => runOn(models, inputs, take, job));
}

function requireData({ externalFiles }: ModelFile): void {
  const [missing] = missingFiles(externalFiles);
  if (missing) throw new CoreError('external-missing', { file: missing.location });
}

function requireSmall(models: ModelFile[]): void {
  const large = models.find(({ bytes }) => bytes > MAX_UNASKED_BYTES);
  if (!large) return;
  const message = 'a model of this size is run only on given inputs (--inputs)';
  throw new CoreError('runtime-failed', { file: large.path }, { message });
}

function withModels<T>(runtime: Runtime, files: ModelFile[], use: (models: RuntimeModel[]) => Promise<T>): Promise<T> {
  const [first, ...rest] = files;
  if (!first) return use([]);
  return runtime.withModel(first.path, first.externalFiles.map(({ location }) => location), (model) => (
    withModels(runtime, rest, (models) => use([model, ...models]))
  ));
}

async function runOn(
  models: RuntimeModel[], { arrays: given, options }: GivenInputs, take: (run: ModelRun) => void, job: Job,
): Promise<RunInputs> {
  const batch = commonBatch(models);
  const sets = given ? [given] : RANDOM_SEEDS.map((seed) => randomInputs(models[0]!.inputs, seed));
  let before = 0;
  let scaled = false;
  let unused: string[] = [];
  for (const [i, arrays] of sets.entries()) {
    const fitted = models.map((model) => fitInputs(arrays, model.inputs, options, batch));
    const runs = Math.min(...fitted.map((each) => each.runs));
    const samples = Math.min(...fitted.map((each) => each.samples));
    const { samplesPerRun } = fitted[0]!;
    for (let run = 0; run < runs; run++) {
      throwIfCancelled(job.signal);
      const outputs: ModelRun['outputs'] = [];
      for (const [at, model] of models.entries()) outputs.push(await model.run(fitted[at]!.feeds(run)));
      const first = run * samplesPerRun;
      take({ outputs, first: before + first, count: Math.min(samplesPerRun, samples - first), given: fitted[0]!.given });
      job.onProgress?.((i + (run + 1) / runs) / sets.length);
    }
    before += samples;
    scaled ||= fitted[0]!.scaled;
    unused = fitted[0]!.unused.filter((name) => fitted.every((each) => each.unused.includes(name)));
  }
  return { samples: before, scaled, unused };
}

/** A model whose first input has a fixed number of samples decides for one that leaves it open. */
function commonBatch(models: RuntimeModel[]): number {
  const fixed = models.map(({ inputs: [first] }) => first?.shape[0]).filter((dim) => typeof dim === 'number' && dim > 0);
  return Math.min(BATCH, ...fixed.map(Number));
}
