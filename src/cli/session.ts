import { CoreError } from '../core/errors';
import type { Outcome } from '../protocol/coreService';
import type { CoreClient } from '../workers/coreClient';

/** What a command works with. */
export interface Session {
  core: CoreClient;
  /** Aborted by Ctrl+C. */
  signal: AbortSignal;
  /** Shows how far the command is, on a terminal only. */
  progress: (fraction: number) => void;
  /** Prints the result: the only thing that goes to standard output. */
  print: (text: string) => void;
  /** Tells people something beside the result, in one line. */
  warn: (line: string) => void;
}

/** @throws CoreError with the outcome's problem */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  const { code, place, detail } = outcome.problem;
  throw new CoreError(code, place, detail);
}
