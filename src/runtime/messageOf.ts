import { CoreError } from '../core/errors';

/** What was wrong, in ONNX Runtime's own words where it found it. */
export function messageOf(error: unknown): string {
  if (error instanceof CoreError) return String(error.problem.detail.message ?? error.message);
  return error instanceof Error ? error.message : String(error);
}
