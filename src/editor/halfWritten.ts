import type { Problem, ProblemCode } from '../core/errors';
import type { Outcome } from '../protocol/coreService';

const RETRY_MS = 500;
/** How often a file that looks half-written is tried again before it is called broken: for ten seconds. */
const RETRIES = 20;

const HALF_WRITTEN: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'file-not-found', 'file-changed', 'empty-file', 'truncated', 'malformed', 'not-onnx', 'external-missing', 'external-too-short',
]);

/**
 * What reading a changed file comes to: while it looks as one that is being written may, or is gone, it is read again.
 * @param onWait told, each time, why it cannot be read yet
 */
export async function onceWritten<T>(
  read: () => Promise<Outcome<T>>, signal: AbortSignal, onWait?: (problem: Problem) => void,
): Promise<Outcome<T>> {
  let outcome = await read();
  for (let retry = 0; retry < RETRIES && !signal.aborted && !outcome.ok && HALF_WRITTEN.has(outcome.problem.code); retry++) {
    onWait?.(outcome.problem);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    if (!signal.aborted) outcome = await read();
  }
  return outcome;
}
