import fc from 'fast-check';
import { expect, test } from 'vitest';
import { binOf, countsOfSorted } from '../../../../src/core/statistics/histogram';

const weight = fc.float({ noNaN: true, noDefaultInfinity: true, min: -8, max: 8 });

test('ascending weights are counted as one by one', () => {
  fc.assert(fc.property(fc.array(weight, { minLength: 1, maxLength: 200 }), fc.integer({ min: 1, max: 300 }), (weights, bins) => {
    const sorted = Float32Array.from(weights).sort();
    const bin = binOf(sorted[0]!, sorted.at(-1)!, bins);
    const counts = new Array<number>(bins).fill(0);
    for (const w of sorted) counts[bin(w)]!++;
    expect(countsOfSorted(sorted, bin, bins)).toEqual(counts);
  }));
});
