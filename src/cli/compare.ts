import { printable } from '../protocol/plainText';
import { compareDocument, compareText, unusedNote } from './compareText';
import type { CompareArguments } from './compareArguments';
import { jsonText } from './json';
import { valueOf, type Session } from './session';

/** Share of the time that the weights take, for the progress shown. */
const WEIGHTS = 0.5;

/** Prints how two models differ: layer by layer, and in what they make of the same inputs. */
export async function compare(given: CompareArguments, session: Session): Promise<void> {
  const { core, signal, progress } = session;
  const [a, b] = [{ path: given.a }, { path: given.b }];
  const { tolerance, inputs } = given;
  const models = valueOf(await core.compareModels(a, b, { tolerance }, {
    signal, onProgress: (fraction) => progress(fraction * WEIGHTS),
  }));
  const outputs = valueOf(await core.compareOutputs(a, b, inputs, {
    signal, onProgress: (fraction) => progress(WEIGHTS + fraction * (1 - WEIGHTS)),
  }));
  const layers = given.changes ? models.layers.filter(({ state }) => state !== 'equal') : models.layers;
  const comparison = { ...models, layers, tolerance, outputs };
  session.print(given.json ? jsonText(compareDocument(comparison)) : compareText(comparison));
  const note = unusedNote(outputs);
  if (note !== null) session.warn(`note: ${printable(note)}`);
}
