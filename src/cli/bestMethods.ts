import type { BestMethod } from '../core/bestMethod';
import { totalGainDb } from '../core/metrics/gain';
import type { CopyFormat } from '../core/encodings/copyFormat';
import type { PlannedLayer } from '../core/plan/layerSettings';
import type { Outcome, QuantizeReport } from '../protocol/coreService';
import { valueOf, type Session } from './session';

/** The best method of layers, by layer. Those whose weights turn out not to be quantizable are not among them. */
export type BestMethods = ReadonlyMap<number, BestMethod>;

export async function bestMethods(
  model: string, planned: readonly PlannedLayer[], format: CopyFormat, { core, signal, progress }: Session,
): Promise<BestMethods> {
  let done = 0;
  const outcomes = await Promise.all(planned.map(async (each): Promise<[number, Outcome<BestMethod>]> => {
    const outcome = await core.bestMethod({ path: model }, each, format, { signal });
    progress(++done / planned.length);
    return [each.layer, outcome];
  }));
  return new Map(outcomes
    .filter(([, outcome]) => outcome.ok || outcome.problem.code !== 'not-quantizable')
    .map(([layer, outcome]) => [layer, valueOf(outcome)]));
}

/** What the layers of a report together gain over the same layers quantized uniformly; null without layers. */
export function reportedGainDb({ layers }: QuantizeReport, best: BestMethods): number | null {
  const methods = layers.flatMap(({ layer }) => best.get(layer) ?? []);
  return methods.length === 0 ? null : totalGainDb(methods);
}
