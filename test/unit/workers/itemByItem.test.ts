import { expect, test, vi } from 'vitest';
import type { Outcome } from '../../../src/protocol/coreService';
import { itemByItem } from '../../../src/workers/itemByItem';
import type { CallOptions } from '../../../src/workers/pooledJob';

interface Call {
  item: number;
  options: CallOptions;
  answer(outcome: Outcome<string[]>): void;
}

function asked(items: readonly number[], options?: CallOptions) {
  const calls: Call[] = [];
  const result = itemByItem(items, (item, own) => new Promise<Outcome<string[]>>((answer) => calls.push({ item, options: own, answer })), options);
  return { calls, result };
}

test('results are in the order of the items, whichever comes first', async () => {
  const { calls, result } = asked([4, 5, 6]);
  calls[2]!.answer({ ok: true, value: ['six'] });
  calls[1]!.answer({ ok: true, value: [] });
  calls[0]!.answer({ ok: true, value: ['four', 'and a half'] });
  expect(await result).toEqual({ ok: true, value: ['four', 'and a half', 'six'] });
});

test('nothing is asked for where there are no items', async () => {
  const { calls, result } = asked([]);
  expect([await result, calls]).toEqual([{ ok: true, value: [] }, []]);
});

test('progress is that of all items, and calls are as urgent as was asked for', async () => {
  const onProgress = vi.fn();
  const { calls, result } = asked([1, 2], { onProgress, priority: 3 });
  expect(calls.map(({ options }) => options.priority)).toEqual([3, 3]);
  calls[0]!.options.onProgress!(0.5);
  calls[1]!.answer({ ok: true, value: [] });
  await vi.waitFor(() => expect(onProgress).toHaveBeenCalledTimes(2));
  calls[0]!.answer({ ok: true, value: [] });
  await result;
  expect(onProgress.mock.calls.flat()).toEqual([0.25, 0.75, 1]);
});

test('a problem ends the calls that are left, and is told instead of theirs', async () => {
  const cancelled: Outcome<string[]> = { ok: false, problem: { code: 'cancelled', place: {}, detail: {} } };
  const { calls, result } = asked([1, 2, 3]);
  calls[1]!.answer({ ok: false, problem: { code: 'file-changed', place: {}, detail: {} } });
  await vi.waitFor(() => expect(calls[0]!.options.signal!.aborted).toBe(true));
  calls[0]!.answer(cancelled);
  calls[2]!.answer(cancelled);
  expect(await result).toMatchObject({ ok: false, problem: { code: 'file-changed' } });
});

test('is cancelled as a whole', async () => {
  const stopping = new AbortController();
  const { calls, result } = asked([1], { signal: stopping.signal });
  stopping.abort();
  expect(calls[0]!.options.signal!.aborted).toBe(true);
  calls[0]!.answer({ ok: false, problem: { code: 'cancelled', place: {}, detail: {} } });
  expect(await result).toMatchObject({ ok: false, problem: { code: 'cancelled' } });
});
