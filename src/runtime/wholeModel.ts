import { CoreError } from '../core/errors';
import { throwIfCancelled, type CancelSignal } from '../core/job';
import type { ModelIndex } from '../core/onnx/modelIndex';
import type { Verification } from '../protocol/coreService';
import { isOpen, shapeText } from './inputs/openShape';
import { plainInputs } from './inputs/plainInputs';
import { messageOf } from './messageOf';
import type { Runtime, RuntimeModel, RuntimeTensor } from './runtime';

/** Whole models above this are not loaded: folding a copy takes several times its float size in memory. */
const MAX_LOADED_BYTES = 512 * 1024 * 1024;

/** Loops and scans alone call their subgraph so (ONNX, Operator Schemas), at any depth. */
const LOOP_BODY = /\.body$/;

export interface WholeCopy {
  path: string;
  /** The path it will have: what problems name. */
  name: string;
  source: ModelIndex;
}

/** One thing that ONNX Runtime does with a model: loads it, or runs it on some inputs. */
interface Step {
  done: boolean;
  /** What is wrong, with what came out of it too; null for nothing. */
  fault: string | null;
}

/**
 * Loads a copy as a session and runs it on plain inputs. Where something is wrong its source is tried likewise, on the same inputs: what is
 * wrong with both is no fault of the copy. Two sessions are never in memory at once.
 * @param index the copy's
 * @throws CoreError `verification-failed` naming the copy for what is wrong with it alone; `cancelled`
 */
export async function verifyWhole(
  runtime: Runtime, { path, name, source }: WholeCopy, index: ModelIndex, signal?: CancelSignal,
): Promise<Verification['wholeModel']> {
  if (source.bytes > MAX_LOADED_BYTES) return 'skipped-too-large';
  const steps = await stepsOf(runtime, path, index, signal);
  if (steps.some(({ fault }) => fault !== null)) {
    const sourceSteps = await stepsOf(runtime, source.path, source, signal, steps.length - 1);
    const wrong = steps.find(({ fault }, i) => fault !== null && sourceSteps[i]?.fault === null);
    if (wrong) throw new CoreError('verification-failed', { file: name }, { message: wrong.fault! });
  }
  const [loading, ...runs] = steps;
  if (!loading.done) return 'source-does-not-load';
  return runs.at(-1)?.done ? 'ran' : 'loaded';
}

/** Loading a model, and runs of it up to the first that it does, `most` at the most. */
async function stepsOf(
  runtime: Runtime, path: string, index: ModelIndex, signal: CancelSignal | undefined, most = Infinity,
): Promise<[loading: Step, ...runs: Step[]]> {
  throwIfCancelled(signal);
  let runs: Step[] | null = null;
  try {
    return await runtime.withModel(path, index.externalFiles.map(({ location }) => location), async (model) => {
      runs = [];
      // How often a loop goes round may be up to its inputs, or to nobody.
      const tried = index.scopes.some((scope) => LOOP_BODY.test(scope.path)) ? [] : plainInputs(model.inputs);
      for (const inputs of tried.slice(0, most)) {
        throwIfCancelled(signal);
        runs.push(await runOf(model, inputs));
        if (runs.at(-1)!.done) break;
      }
      return [{ done: true, fault: null }, ...runs];
    });
  } catch (error) {
    if (runs) throw error;
    return [{ done: false, fault: messageOf(error) }];
  }
}

async function runOf(model: RuntimeModel, inputs: Record<string, RuntimeTensor>): Promise<Step> {
  try {
    return { done: true, fault: oddOutput(model, await model.run(inputs)) };
  } catch (error) {
    return { done: false, fault: messageOf(error) };
  }
}

/** That an output is of another shape than declared. */
function oddOutput({ outputs: declared }: RuntimeModel, outputs: Record<string, RuntimeTensor>): string | null {
  for (const { name, shape } of declared) {
    const { dims } = outputs[name]!;
    const fits = dims.length === shape.length && shape.every((dim, axis) => isOpen(dim) || dim === dims[axis]);
    if (shape.length > 0 && !fits) return `its output ${name} is of shape ${dims.join('x')}, not ${shapeText(shape)}`;
  }
  return null;
}
