/** Where a problem lies, as far as it is known. Offsets are bytes from the start of `file`. */
export interface Place {
  file?: string;
  offset?: number;
  tensor?: string;
  node?: string;
  /** JSON path inside a plan file, e.g. `layers["conv1.weight"].bits`. */
  path?: string;
}

/**
 * What went wrong, as a code. People read the text that `src/protocol/problemText.ts` makes of code, place and detail;
 * each code has a remedy there.
 */
export type ProblemCode =
  | 'file-not-found'
  | 'file-unreadable'
  | 'file-changed'
  | 'empty-file'
  | 'lfs-pointer'
  | 'ort-format'
  | 'html-page'
  | 'not-onnx'
  | 'truncated'
  | 'malformed'
  | 'limit-exceeded'
  | 'external-missing'
  | 'external-escapes'
  | 'external-too-short'
  | 'data-too-short'
  | 'data-is-model'
  | 'data-place-hidden'
  | 'data-place-taken'
  | 'no-such-layer'
  | 'setting-invalid'
  | 'plan-invalid'
  | 'not-quantizable'
  | 'nothing-to-quantize'
  | 'no-numpy-type'
  | 'allocation-impossible'
  | 'target-is-source'
  | 'target-exists'
  | 'target-is-folder'
  | 'target-is-no-file'
  | 'folder-not-found'
  | 'write-failed'
  | 'verification-failed'
  | 'runtime-failed'
  | 'model-does-not-run'
  | 'inputs-invalid'
  | 'labels-invalid'
  | 'calibration-missing'
  | 'calibration-impossible'
  | 'cancelled'
  | 'internal';

/** A problem as a plain value: what crosses from a worker to the host. */
export interface Problem {
  code: ProblemCode;
  place: Place;
  /** Facts the text needs: names, expected and actual numbers. */
  detail: Record<string, string | number>;
}

/** An error that nobody expected as a problem: its stack is for the log, not for people. */
export function unexpectedProblem(error: unknown): Problem {
  const detail = error instanceof Error ? { message: error.message, stack: error.stack ?? '' } : { message: String(error) };
  return { code: 'internal', place: {}, detail };
}

/** How the core reports a problem; `problem` is what callers pass on. */
export class CoreError extends Error {
  readonly problem: Problem;

  constructor(code: ProblemCode, place: Place = {}, detail: Problem['detail'] = {}) {
    super(`${code} ${JSON.stringify({ ...place, ...detail })}`);
    this.name = 'CoreError';
    this.problem = { code, place, detail };
  }
}
