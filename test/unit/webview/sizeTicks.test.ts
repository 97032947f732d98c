import { describe, expect, test } from 'vitest';
import { sizeTicks } from '../../../webview/sizeTicks';

const MB = 2 ** 20;
const labels = (least: number, greatest: number): string[] => sizeTicks(least, greatest).map(({ label }) => label);

describe('ticks of an axis of sizes', () => {
  test('have as many digits as tell them apart, and stand at the sizes they name', () => {
    expect(labels(2.01 * MB, 2.19 * MB)).toEqual(['2.000 MB', '2.025 MB', '2.050 MB', '2.075 MB', '2.100 MB', '2.125 MB', '2.150 MB', '2.175 MB', '2.200 MB']);
    expect(sizeTicks(2.01 * MB, 2.19 * MB)[2]!.value).toBeCloseTo(2.05 * MB, 3);
  });

  test('are round numbers of one unit', () => {
    expect(labels(150 * 1024, 600 * 1024)).toEqual(['100 KB', '200 KB', '300 KB', '400 KB', '500 KB', '600 KB']);
    expect(labels(700 * 1024, 3 * MB)).toEqual(['0.5 MB', '1.0 MB', '1.5 MB', '2.0 MB', '2.5 MB', '3.0 MB']);
    expect(labels(3, 9)).toEqual(['3 B', '4 B', '5 B', '6 B', '7 B', '8 B', '9 B']);
  });

  test.each([[1, 1], [5, 5], [1023, 1025], [0.9 * MB, 0.9001 * MB], [2 * MB, 2 * MB], [1e12, 1e13], [100, 3e9]])(
    'differ from %d to %d, and reach around both', (least, greatest) => {
      const ticks = sizeTicks(least, greatest);
      const texts = ticks.map(({ label }) => label);
      expect(new Set(texts).size).toBe(texts.length);
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.length).toBeLessThanOrEqual(10);
      expect(ticks[0]!.value).toBeLessThanOrEqual(least);
      expect(ticks.at(-1)!.value).toBeGreaterThanOrEqual(greatest * (1 - 1e-12));
    },
  );
});
