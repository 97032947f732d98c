import { expect, test } from 'vitest';
import { momentsOf } from '../../../src/core/statistics/moments';
import { createSampleCache } from '../../../src/workers/sampleCache';

/** Weights of which two samples are kept beside each other, and not three. */
const THIRD = 900_000;

function sampleOf(weights: number) {
  const values = new Float32Array(weights);
  const group = { weights: values, moments: momentsOf([values]), laplace: { location: 0, scale: 0 } };
  return { detail: 'exact' as const, weights, groups: [group] };
}

test('keeps the samples last asked for, as many as fit', () => {
  const cache = createSampleCache();
  const made: string[] = [];
  const ask = (key: string) => cache.get(key, () => {
    made.push(key);
    return sampleOf(THIRD);
  });
  const first = ask('a');
  ask('b');
  expect(ask('a')).toBe(first);
  ask('c');
  expect(made).toEqual(['a', 'b', 'c']);
  ask('a');
  ask('b');
  expect(made).toEqual(['a', 'b', 'c', 'b']);
});

test('makes what is larger than all room each time, and nothing stays of what failed', () => {
  const cache = createSampleCache();
  let made = 0;
  const large = () => cache.get('large', () => sampleOf(3 * THIRD + ++made));
  expect([large().weights, large().weights]).toEqual([3 * THIRD + 1, 3 * THIRD + 2]);
  expect(() => cache.get('b', () => { throw new Error('cancelled'); })).toThrow('cancelled');
  expect(cache.get('b', () => sampleOf(5)).weights).toBe(5);
});
