import type { QuantizeArguments } from './arguments';
import { requirePlace } from '../platform/atomicFile';
import { copyCaveat } from '../protocol/formatText';
import { jsonText, reportDocument } from './json';
import { planFor } from './planFor';
import { reportText } from './reportText';
import { valueOf, type Session } from './session';
import { warnOfFewPositions } from './warnOfFewPositions';

/** Writes a quantized copy and prints what became of every layer. */
export async function quantize(given: QuantizeArguments, session: Session): Promise<void> {
  const { core, signal } = session;
  const { output: path, format, force, verify } = given;
  requirePlace({ path, force, sources: [given.model] });
  const { layers, planned, tuning, best, progress } = await planFor(given, session);
  const target = { path, format, force, verify, tuning };
  const report = valueOf(await core.quantizeModel({ path: given.model }, planned, target, { signal, onProgress: progress }));
  session.print(given.json ? jsonText(reportDocument(report, best, layers)) : reportText(report, best, layers));
  warnOfFewPositions(report.layers, session.warn);
  const caveat = copyCaveat(report);
  if (caveat !== null) session.warn(`note: ${caveat}`);
}
