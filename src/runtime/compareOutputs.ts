import { addDifferences, differenceOf, noDifferences, type DifferenceSums } from '../core/compare/difference';
import { CoreError } from '../core/errors';
import { throwIfCancelled, type Job } from '../core/job';
import type { FloatArray } from '../core/onnx/dataType';
import type { ModelIndex } from '../core/onnx/modelIndex';
import type { OutputComparison, OutputInputs } from '../protocol/outputComparison';
import { BATCH, fitInputs } from './inputs/fitInputs';
import type { InputArray } from './inputs/inputArray';
import { randomInputs } from './inputs/randomInputs';
import { readInputs } from './inputs/readInputs';
import { floatsOf } from './inputs/tensorData';
import type { Runtime, RuntimeModel, RuntimeTensor } from './runtime';

/** Random inputs are tried one after the other: each is a sample of its own. */
const RANDOM_SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
/** Larger models are run on inputs that were given, not on random ones. */
const MAX_UNASKED_BYTES = 512 * 1024 * 1024;

type ModelFile = Pick<ModelIndex, 'path' | 'bytes' | 'externalFiles'>;

/**
 * Runs two models on the same inputs and compares their outputs. A model that does not run is a problem in the result.
 * @throws CoreError `inputs-invalid`, `file-not-found` or `file-unreadable` for the input file; `cancelled`
 */
export async function compareOutputs(
  runtime: Runtime, a: ModelFile, b: ModelFile, inputs: OutputInputs, job: Job = {},
): Promise<OutputComparison> {
  const { file = null } = inputs;
  const given = file === null ? null : readInputs(file);
  try {
    if (!given) requireSmall([a, b]);
    const sums = new OutputSums();
    const samples = await withModel(runtime, a, (modelA) => withModel(runtime, b, (modelB) => (
      runBoth(modelA, modelB, given, inputs, sums, job)
    )));
    return { file, samples, runtime: runtime.name, ...sums.result(), problem: null };
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    const { code, detail } = error.problem;
    if (code === 'inputs-invalid' && file !== null) throw new CoreError(code, { file }, detail);
    if (code !== 'inputs-invalid' && code !== 'runtime-failed') throw error;
    return { file, samples: 0, runtime: null, outputs: [], onlyA: [], onlyB: [], problem: error.problem };
  }
}

function requireSmall(models: ModelFile[]): void {
  const large = models.find(({ bytes }) => bytes > MAX_UNASKED_BYTES);
  if (!large) return;
  const message = 'a model of this size is run only on given inputs (--inputs)';
  throw new CoreError('runtime-failed', { file: large.path }, { message });
}

function withModel<T>(
  runtime: Runtime, { path, externalFiles }: ModelFile, use: (model: RuntimeModel) => Promise<T>,
): Promise<T> {
  return runtime.withModel(path, externalFiles.map(({ location }) => location), use);
}

/** Runs both models on the file's arrays, or on random ones of the first model's shapes. Returns the number of samples. */
async function runBoth(
  a: RuntimeModel, b: RuntimeModel, given: InputArray[] | null, inputs: OutputInputs, sums: OutputSums, job: Job,
): Promise<number> {
  const batch = commonBatch([a, b]);
  const sets = given ? [given] : RANDOM_SEEDS.map((seed) => randomInputs(a.inputs, seed));
  let samples = 0;
  for (const [i, arrays] of sets.entries()) {
    const [forA, forB] = [fitInputs(arrays, a.inputs, inputs, batch), fitInputs(arrays, b.inputs, inputs, batch)];
    const runs = Math.min(forA.runs, forB.runs);
    for (let run = 0; run < runs; run++) {
      throwIfCancelled(job.signal);
      sums.add(await a.run(forA.feeds(run)), await b.run(forB.feeds(run)));
      job.onProgress?.((i + (run + 1) / runs) / sets.length);
    }
    samples += Math.min(forA.samples, forB.samples);
  }
  return samples;
}

/** A model whose first input has a fixed number of samples decides for one that leaves it open. */
function commonBatch(models: RuntimeModel[]): number {
  const fixed = models.map(({ inputs: [first] }) => first?.shape[0]).filter((dim) => typeof dim === 'number' && dim > 0);
  return Math.min(BATCH, ...fixed.map(Number));
}

interface OutputSum {
  b: string;
  dims: number[];
  sums: DifferenceSums | null;
  /** Rows whose largest value stands at the same place, of how many. */
  agreeing: number;
  rows: number;
}

/** Differences of outputs added up over runs. */
class OutputSums {
  readonly #sums = new Map<string, OutputSum>();
  readonly #onlyA = new Set<string>();
  readonly #onlyB = new Set<string>();

  /** Outputs belong together by name, or in order where the models share no name. */
  add(a: Record<string, RuntimeTensor>, b: Record<string, RuntimeTensor>): void {
    const shared = Object.keys(a).some((name) => name in b);
    const rest = new Set(Object.keys(b));
    Object.entries(a).forEach(([name, output], i) => {
      const other = shared ? name : (Object.keys(b)[i] ?? name);
      const right = b[other];
      rest.delete(other);
      if (!right) return void this.#onlyA.add(name);
      const sum = this.#sums.get(name) ?? { b: other, dims: [...output.dims], sums: noDifferences(), agreeing: 0, rows: 0 };
      this.#sums.set(name, sum);
      addOutputs(sum, output, right);
    });
    for (const name of rest) this.#onlyB.add(name);
  }

  result(): Pick<OutputComparison, 'outputs' | 'onlyA' | 'onlyB'> {
    const outputs = [...this.#sums].map(([a, { b, dims, sums, agreeing, rows }]) => ({
      a, b, dims, difference: sums && differenceOf(sums), top1Agreement: rows === 0 ? null : agreeing / rows,
    }));
    return { outputs, onlyA: [...this.#onlyA], onlyB: [...this.#onlyB] };
  }
}

function addOutputs(sum: OutputSum, a: RuntimeTensor, b: RuntimeTensor): void {
  const [left, right] = [floatsOf(a), floatsOf(b)];
  if (!left || !right || a.dims.join() !== b.dims.join()) {
    Object.assign(sum, { sums: null, agreeing: 0, rows: 0 });
    return;
  }
  if (!sum.sums) return;
  addDifferences(sum.sums, left, right, 0);
  const [rows = 0, classes = 0] = a.dims;
  if (a.dims.length !== 2 || classes < 2) return;
  for (let row = 0; row < rows; row++) {
    if (largest(left, row, classes) === largest(right, row, classes)) sum.agreeing++;
  }
  sum.rows += rows;
}

/** Where a row's largest value stands: the first of equal ones. */
function largest(values: FloatArray, row: number, length: number): number {
  let at = 0;
  for (let i = 1; i < length; i++) if (values[row * length + i]! > values[row * length + at]!) at = i;
  return at;
}
