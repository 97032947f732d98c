import type { CopyFormat } from '../core/encodings/copyFormat';
import type { SkipReason } from '../core/encodings/copySize';
import { CoreError } from '../core/errors';
import type { CancelSignal, Job } from '../core/job';
import { writeCopy } from '../core/onnx/writeCopy';
import type { PlannedLayer } from '../core/plan/layerSettings';
import { writeInto, type PendingOutput } from '../platform/atomicFile';
import type { Outcome } from '../protocol/coreService';
import { closeDoor, enter, fail, hasFailed, isCalledAway, takeLayer } from './copyClaims';
import { copyJob, type QuantizedLayers } from './copyJob';
import type { OpenModel } from './modelCache';

/** What a worker is told that helps another to write a copy. */
export interface ShareRequest {
  /** Of the model. */
  path: string;
  planned: PlannedLayer[];
  name: string;
  format: CopyFormat;
  unusable: ReadonlyMap<number, SkipReason>;
  /** The model file, and external data where the copy has some. */
  outputs: PendingOutput[];
  claims: Int32Array;
}

export interface HelpedJob extends Job {
  /** Has another worker help, which may come late or not at all. Absent where none can: it opens the model by its path. */
  askForHelp?: (request: ShareRequest) => Promise<Outcome<QuantizedLayers>>;
}

/**
 * Writes while a helper may do the same, until both are done. What the helper quantized is returned; null when it came too late.
 * @throws CoreError what either of them threw
 */
export async function writeTogether(
  claims: Int32Array, helper: Promise<Outcome<QuantizedLayers>>, signal: CancelSignal | undefined, write: (signal: CancelSignal) => void,
): Promise<QuantizedLayers | null> {
  const failure = failureOf(claims, () => write(sharedSignal(claims, signal)));
  const isAlone = closeDoor(claims);
  const helped = isAlone ? null : await helper;
  if (failure && !(helped && !helped.ok && helped.problem.code !== 'cancelled')) throw failure;
  if (!helped) return null;
  if (helped.ok) return helped.value;
  const { code, place, detail } = helped.problem;
  throw new CoreError(code, place, detail);
}

/**
 * Writes those layers of an untuned copy that nobody has taken, while another worker writes the rest.
 * @throws CoreError as `writeCopy` and `writeInto`
 */
export async function helpWriting(model: OpenModel, request: ShareRequest, job: Job): Promise<QuantizedLayers> {
  const { planned, name, format, unusable, outputs, claims } = request;
  const shared = { signal: sharedSignal(claims, job.signal) };
  const { plan, quantize, done } = await copyJob(model, planned, { name, format, tuning: {}, unusable }, shared);
  if (!enter(claims)) return done();
  const failure = failureOf(claims, () => writeInto(outputs, ([main, data]) => {
    const share = { takes: (layer: { index: number }) => !isCalledAway(claims) && takeLayer(claims, layer.index), rest: false };
    writeCopy(model.files, model.index, plan, quantize, (suffix) => (suffix === '' ? main! : data!), shared, share);
  }));
  if (failure) throw failure;
  return done();
}

/** What `write` threw, if it did; the other writer then stops too. */
function failureOf(claims: Int32Array, write: () => void): Error | null {
  try {
    write();
    return null;
  } catch (error) {
    fail(claims);
    return error instanceof Error ? error : new Error(String(error));
  }
}

function sharedSignal(claims: Int32Array, signal: CancelSignal | undefined): CancelSignal {
  return {
    get aborted() {
      return signal?.aborted === true || hasFailed(claims);
    },
  };
}
