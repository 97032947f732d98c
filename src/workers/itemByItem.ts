import type { Outcome } from '../protocol/coreService';
import type { CallOptions } from './pooledJob';

/**
 * Asks for each item in a call of its own, so that every worker takes its part and more urgent calls come between. Results are
 * in the order of the items; the first problem ends all calls.
 */
export async function itemByItem<Item, Result>(
  items: readonly Item[], call: (item: Item, options: CallOptions) => Promise<Outcome<Result[]>>, options: CallOptions = {},
): Promise<Outcome<Result[]>> {
  const stopping = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stopping.signal]) : stopping.signal;
  let done = 0;
  const outcomes = await Promise.all(items.map(async (item) => {
    let own = 0;
    const onProgress = (fraction: number): void => {
      done += fraction - own;
      own = fraction;
      options.onProgress?.(Math.min(done / items.length, 1));
    };
    const outcome = await call(item, { ...options, signal, onProgress });
    if (outcome.ok) onProgress(1);
    else stopping.abort();
    return outcome;
  }));
  const problems = outcomes.filter((outcome) => !outcome.ok);
  return problems.find(({ problem }) => problem.code !== 'cancelled') ?? problems[0]
    ?? { ok: true, value: outcomes.flatMap((outcome) => (outcome.ok ? outcome.value : [])) };
}
