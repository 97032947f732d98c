import { CoreError } from './errors';

/** The part of `AbortSignal` the core looks at. Workers back it with shared memory, so that synchronous work sees a cancel. */
export interface CancelSignal {
  readonly aborted: boolean;
}

/** What long work is given: a way to be stopped and a way to say how far it is. */
export interface Job {
  signal?: CancelSignal;
  /** Called with a fraction from 0 to 1. */
  onProgress?: (fraction: number) => void;
}

/** @throws CoreError `cancelled` once the signal is aborted. Call it at least every few milliseconds of work. */
export function throwIfCancelled(signal: CancelSignal | undefined): void {
  if (signal?.aborted) throw new CoreError('cancelled');
}
