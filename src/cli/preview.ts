import type { PreviewArguments } from './arguments';
import { jsonText, reportDocument } from './json';
import { planFor } from './planFor';
import { reportText } from './reportText';
import { valueOf, type Session } from './session';
import { warnOfFewPositions } from './warnOfFewPositions';

/** Prints the error and the size of every layer a plan or settings would quantize. */
export async function preview(given: PreviewArguments, session: Session): Promise<void> {
  const { core, signal } = session;
  const { layers, planned, tuning, best, progress } = await planFor(given, session);
  const report = valueOf(await core.previewModel({ path: given.model }, planned, given.format, tuning, { signal, onProgress: progress }));
  session.print(given.json ? jsonText(reportDocument(report, best, layers)) : reportText(report, best, layers));
  warnOfFewPositions(report.layers, session.warn);
}
