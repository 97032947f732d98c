import { expect, test } from 'vitest';
import { largestDistance } from '../../../../src/core/statistics/largestDistance';

/** Two functions that only rise, from 0 to 1 over so many places, by a seed. */
function rising(places: number, seed: number): Float64Array {
  let state = seed;
  const values = new Float64Array(places + 1);
  for (let i = 1; i <= places; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = values[i - 1]! + (state / 2 ** 32) ** 8;
  }
  return values.map((value) => value / values[places]!);
}

function search(a: Float64Array, b: Float64Array): { distance: number; looks: number } {
  let looks = 0;
  const distance = largestDistance(a.length - 1, (start, end) => {
    looks++;
    const seen = Math.max(Math.abs(a[start]! - b[start]!), Math.abs(a[end]! - b[end]!));
    return { seen, most: Math.max(a[end]! - b[start]!, b[end]! - a[start]!) };
  });
  return { distance, looks };
}

test.each([1, 2, 63, 64, 65, 4095, 4096, 4097, 100_000])('over %i places is that of all of them', (places) => {
  for (let seed = 1; seed < 6; seed++) {
    const [a, b] = [rising(places, seed), rising(places, 7 * seed + 1)];
    const expected = Math.max(...Array.from({ length: places + 1 }, (_, i) => Math.abs(a[i]! - b[i]!)));
    expect(search(a, b).distance).toBe(expected);
  }
});

test('looks at few where the distance is large, and at none without places', () => {
  const places = 100_000;
  const straight = Float64Array.from({ length: places + 1 }, (_, i) => i / places);
  expect(search(straight, straight.map((value) => value ** 2)).looks).toBeLessThan(places / 25);
  expect(search(Float64Array.of(0), Float64Array.of(0))).toEqual({ distance: 0, looks: 0 });
});
