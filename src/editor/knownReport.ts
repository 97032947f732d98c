import { basename, posix } from 'node:path';
import { planFileName } from '../core/plan/plan';
import type { ModelReport, ReportedEvaluation } from '../core/report/modelReport';
import { evaluationFigures } from '../protocol/evaluationFigures';
import type { MeasuredReport } from './collectReport';
import type { LastEvaluation } from './lastEvaluation';
import type { ModelDocument } from './modelDocument';

/** What a report says that is known without measuring. */
export function knownOf({ uri, plan, host }: ModelDocument, version: string): Omit<ModelReport, keyof MeasuredReport> {
  const isPlanned = plan.hasFile || plan.isDirty;
  return {
    quantscope: version,
    plan: isPlanned ? { file: planFileName(posix.basename(uri.path)), isSaved: !plan.isDirty } : null,
    evaluation: evaluationOf(host.evaluation),
  };
}

/** The last evaluation, in words and figures. */
export function evaluationOf({ state, found }: Pick<LastEvaluation, 'state' | 'found'>): ReportedEvaluation | null {
  if (!state || !found) return null;
  const { file, text, isCurrent } = state;
  const labels = found.labels === null ? null : basename(found.labels);
  return { inputs: file, labels, found: text, isCurrent, ...evaluationFigures(found) };
}
