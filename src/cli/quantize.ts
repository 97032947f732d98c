import type { QuantizeArguments } from './arguments';
import { jsonText, reportDocument } from './json';
import { planFor } from './planFor';
import { reportText } from './reportText';
import { valueOf, type Session } from './session';

/** Writes a quantized copy and prints what became of every layer. */
export async function quantize(given: QuantizeArguments, session: Session): Promise<void> {
  const { core, signal, progress } = session;
  const planned = await planFor(given, session);
  const target = { path: given.output, force: given.force, verify: given.verify };
  const report = valueOf(await core.quantizeModel({ path: given.model }, planned, target, { signal, onProgress: progress }));
  session.print(given.json ? jsonText(reportDocument(report)) : reportText(report));
}
