import { CoreError, unexpectedProblem, type ProblemCode } from '../core/errors';
import { printable } from '../protocol/plainText';
import { problemLine } from './problemLine';
import { UsageError } from './usageError';

/** Problems of the job; all others are wrong usage or bad input. */
const JOB_FAILURES: readonly ProblemCode[] = [
  'file-changed', 'write-failed', 'verification-failed', 'runtime-failed', 'model-does-not-run', 'cancelled', 'internal',
];

/** The one line and the exit code a failed command ends with. */
export function failureOf(error: unknown): { line: string; exitCode: 1 | 2 } {
  if (error instanceof UsageError) return { line: printable(error.message), exitCode: 2 };
  const problem = error instanceof CoreError ? error.problem : unexpectedProblem(error);
  return { line: printable(problemLine(problem)), exitCode: JOB_FAILURES.includes(problem.code) ? 1 : 2 };
}
