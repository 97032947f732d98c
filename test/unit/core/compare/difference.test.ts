import { describe, expect, test } from 'vitest';
import { differenceOf, sumDifferences } from '../../../../src/core/compare/difference';
import { problemOf } from '../../../fixtures/problemOf';

const compare = (a: number[], b: number[], tolerance = 0) => (
  differenceOf(sumDifferences([Float64Array.from(a)], [Float64Array.from(b)], tolerance))
);

test('measures as they are defined', () => {
  const { sqnrDb, maxAbsDifference, cosine, count, beyond } = compare([3, -4, 0, 5], [3, -4.5, 0.25, 5]);
  expect(sqnrDb).toBeCloseTo(10 * Math.log10((9 + 16 + 25) / (0.25 + 0.0625)), 12);
  expect([maxAbsDifference, count, beyond]).toEqual([0.5, 4, 2]);
  expect(cosine).toBeCloseTo((9 + 18 + 25) / Math.sqrt(50) / Math.sqrt(9 + 20.25 + 0.0625 + 25), 12);
});

test('up to the tolerance numbers count as equal, and are identical only without any difference', () => {
  expect(compare([1, 2], [1.5, 2], 0.5)).toMatchObject({ beyond: 0, identical: false, maxAbsDifference: 0.5 });
  expect(compare([1, 2], [1.5, 2], 0.49)).toMatchObject({ beyond: 1, identical: false });
  expect(compare([1, -0], [1, 0])).toMatchObject({ beyond: 0, identical: true, sqnrDb: Infinity, cosine: 1 });
});

test('without a signal there is no ratio, and below all squares none is known', () => {
  expect(compare([0, 0], [0, 1])).toMatchObject({ sqnrDb: -Infinity, cosine: 0 });
  expect(compare([0, 0], [6e-39, -6e-39])).toMatchObject({ sqnrDb: Infinity, cosine: 1, identical: false });
  expect(compare([1e-170, 0], [0, 0])).toMatchObject({ sqnrDb: null, cosine: null, maxAbsDifference: 1e-170, identical: false });
});

describe('numbers that are not finite', () => {
  test('are alike when they are the same', () => {
    expect(compare([NaN, Infinity, 1], [NaN, Infinity, 1])).toMatchObject({ count: 1, unlike: 0, beyond: 0, identical: true });
  });

  test.each([[NaN, 1], [1, NaN], [Infinity, -Infinity], [Infinity, NaN], [5, -Infinity]])('%d against %d is a change', (x, y) => {
    expect(compare([x, 1], [y, 1], 1e9)).toMatchObject({ count: 1, unlike: 1, beyond: 1, identical: false, sqnrDb: Infinity });
  });

  test('leave nothing to measure when there is nothing else', () => {
    expect(compare([NaN], [NaN])).toMatchObject({ count: 0, sqnrDb: null, cosine: null, maxAbsDifference: null, identical: true });
  });
});

test('pieces of any lengths give what the whole gives', () => {
  const a = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i));
  const b = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i) + 0.01 * Math.cos(7 * i));
  const cut = (values: Float32Array, lengths: number[]): Float32Array[] => {
    let at = 0;
    return lengths.map((length) => values.subarray(at, (at += length)));
  };
  const whole = sumDifferences([a], [b], 0.005);
  expect(sumDifferences(cut(a, [1, 0, 499, 500]), cut(b, [300, 300, 399, 1]), 0.005)).toEqual(whole);
  expect(whole.count).toBe(1000);
});

test('stops on a cancel', () => {
  const signal = { aborted: true };
  expect(problemOf(() => sumDifferences([Float32Array.of(1)], [Float32Array.of(1)], 0, signal)).code).toBe('cancelled');
});
