import type { EvaluationReference } from '../protocol/evaluation';
import type { EvaluateArguments } from './evaluateArguments';
import { doubtfulInputs } from '../protocol/doubtfulInputs';
import { printable } from '../protocol/plainText';
import { unusedNote } from './compareText';
import { evaluationDocument, evaluationText, missingHint } from './evaluateText';
import { jsonText } from './json';
import { planFor } from './planFor';
import { valueOf, type Session } from './session';
import { warnOfFewPositions } from './warnOfFewPositions';

/** Prints how well a model, or the copy that settings make of it, does on some inputs. */
export async function evaluate(given: EvaluateArguments, session: Session): Promise<void> {
  const { core, signal } = session;
  const { model, inputs } = given;
  const { reference, progress } = await referenceOf(given, session);
  const evaluation = valueOf(await core.evaluateModel({ path: model }, reference, inputs, { signal, onProgress: progress }));
  session.print(given.json ? jsonText(evaluationDocument(given, evaluation)) : evaluationText(given, evaluation));
  warnOfFewPositions(evaluation.copyLayers ?? [], session.warn);
  for (const note of [unusedNote(evaluation), missingHint(evaluation), doubtfulInputs(evaluation)]) if (note !== null) session.warn(`note: ${printable(note)}`);
}

async function referenceOf(
  { model, reference, copy }: EvaluateArguments, session: Session,
): Promise<{ reference: EvaluationReference | null; progress: Session['progress'] }> {
  if (!copy) return { reference: reference === null ? null : { path: reference }, progress: session.progress };
  const { planned: plan, tuning, progress } = await planFor({ model, ...copy }, session);
  return { reference: { copy: { plan, format: copy.format, tuning } }, progress };
}
