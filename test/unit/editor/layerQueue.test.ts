import { expect, test } from 'vitest';
import { LayerQueue } from '../../../src/editor/layerQueue';

/** A queue whose tasks end when they are told to. */
function controlledQueue(limit: number) {
  const started: number[] = [];
  const aborted: number[] = [];
  const ends = new Map<number, () => void>();
  const queue = new LayerQueue((layer, signal) => {
    started.push(layer);
    signal.addEventListener('abort', () => aborted.push(layer));
    return new Promise<void>((resolve) => ends.set(layer, resolve));
  }, limit);
  const end = async (layer: number): Promise<void> => {
    ends.get(layer)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, started, aborted, end };
}

test('urgent layers go first and may use every place; the others leave one free', async () => {
  const { queue, started, end } = controlledQueue(2);
  queue.add([0, 1, 2, 3, 4]);
  expect(started).toEqual([0]);
  queue.setUrgent([3, 2]);
  expect(started).toEqual([0, 3]);
  await end(3);
  expect(started).toEqual([0, 3, 2]);
  await end(2);
  expect(started).toEqual([0, 3, 2]);
  await end(0);
  expect(started).toEqual([0, 3, 2, 1]);
});

test('a layer that waits or runs is not queued twice', async () => {
  const { queue, started, end } = controlledQueue(2);
  queue.add([0, 1]);
  queue.add([0, 1]);
  await end(0);
  await end(1);
  expect(started).toEqual([0, 1]);
});

test('cancelling stops a running task and forgets a waiting one; the layer can be queued again at once', async () => {
  const { queue, started, aborted } = controlledQueue(2);
  queue.setUrgent([0, 1]);
  queue.add([0, 1, 2]);
  queue.cancel(0);
  queue.cancel(2);
  queue.add([0]);
  expect(aborted).toEqual([0]);
  expect(started).toEqual([0, 1, 0]);
  queue.clear();
  expect(aborted).toEqual([0, 1, 0]);
});

test('replacing keeps what runs and drops what only waits', async () => {
  const { queue, started, end } = controlledQueue(2);
  queue.add([0, 1, 2]);
  queue.replace([5]);
  await end(0);
  await end(5);
  expect(started).toEqual([0, 5]);
});
