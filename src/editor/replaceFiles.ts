import { basename } from 'node:path';
import type { Problem } from '../core/errors';
import type { Outcome } from '../protocol/coreService';

/**
 * Writes files, replacing only those that a person agreed to: `agreed` from the start, and any other that stands in the way
 * (`target-exists`) once `confirm` has said yes to its name. A no is the problem `cancelled`.
 */
export async function replaceFiles<T>(
  agreed: readonly string[],
  write: (force: readonly string[]) => Promise<Outcome<T>>,
  confirm: (fileName: string) => Promise<boolean>,
): Promise<Outcome<T>> {
  const outcome = await write(agreed);
  const existing = outcome.ok ? undefined : existingFile(outcome.problem);
  if (existing === undefined || agreed.includes(existing)) return outcome;
  if (!(await confirm(basename(existing)))) return { ok: false, problem: { code: 'cancelled', place: {}, detail: {} } };
  return replaceFiles([...agreed, existing], write, confirm);
}

function existingFile({ code, place }: Problem): string | undefined {
  return code === 'target-exists' ? place.file : undefined;
}
