import type { Problem, ProblemCode } from '../core/errors';

const HALF_WRITTEN: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'file-not-found', 'file-changed', 'empty-file', 'truncated', 'malformed', 'not-onnx', 'external-missing', 'external-too-short',
]);

/** Whether a file that is being written may look like this for a while; what was shown before stays meanwhile. */
export function looksHalfWritten({ code }: Problem): boolean {
  return HALF_WRITTEN.has(code);
}
