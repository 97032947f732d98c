import { describe, expect, it } from 'vitest';
import type { PageSupportCurve } from '../../../src/protocol/page';
import { namedLabels } from '../../../webview/supportFlags';
import { clipLimits, freeLimit, limitByKey, limitOf, movedCodebook, plannedLimit, snapped, sqnrAt } from '../../../webview/supportLimit';
import { tableRow } from './rows';

const CURVE: PageSupportCurve = {
  index: 0, bits: 4, grid: 'mid-rise', sampled: null, mean: 0.5, std: 2,
  points: [{ limit: 1, sqnrDb: 5, theorySqnrDb: 4 }, { limit: 3, sqnrDb: 15, theorySqnrDb: null }, { limit: 12, sqnrDb: 6, theorySqnrDb: 7 }],
  named: [
    { region: 'jayant', limit: 4, sqnrDb: 14.5, theorySqnrDb: 16 }, { region: 'mse', limit: 3.3, sqnrDb: 15.5, theorySqnrDb: 15 },
    { region: 'abs-max', limit: 14, sqnrDb: 3, theorySqnrDb: 4 }, { region: 'aciq', limit: 4.01, sqnrDb: 14.4, theorySqnrDb: 16 },
  ],
};

function plan(support: 'mse' | 'jayant' | 'hui' | number | undefined) {
  const row = tableRow(0, { bits: 4 }).plan!;
  return support === undefined ? row : { ...row, support };
}

describe('a support limit', () => {
  it('stands where the plan says, else at the best one', () => {
    expect(plannedLimit(CURVE, plan('jayant'))).toEqual({ limit: 4, region: 'jayant' });
    expect(plannedLimit(CURVE, plan(2.5))).toEqual({ limit: 2.5, region: null });
    expect(plannedLimit(CURVE, null)).toEqual({ limit: 3.3, region: 'mse' });
    expect(plannedLimit(CURVE, plan('hui'))).toEqual({ limit: 3, region: null });
  });

  it('has an SQNR between the points of the curve, a named choice its own', () => {
    expect(sqnrAt(CURVE, { limit: 2, region: null })).toEqual({ sqnrDb: 10, theorySqnrDb: null });
    expect(sqnrAt(CURVE, { limit: 1, region: null })).toEqual({ sqnrDb: 5, theorySqnrDb: 4 });
    expect(sqnrAt(CURVE, { limit: 14, region: null })).toEqual({ sqnrDb: null, theorySqnrDb: null });
    expect(sqnrAt(CURVE, { limit: 3.3, region: 'mse' }).sqnrDb).toBe(15.5);
  });

  it('clips around the mean, and is found again from either side', () => {
    expect(clipLimits(CURVE, { limit: 3, region: null })).toEqual([-5.5, 6.5]);
    for (const x of [-5.5, 6.5]) expect(limitOf(CURVE, x)).toBe(3);
  });

  it('snaps to the nearest named choice within reach, and else stays within the chart', () => {
    expect(snapped(CURVE, 3.95, 0.2)).toEqual({ limit: 4, region: 'jayant' });
    expect(snapped(CURVE, 3.6, 0.2)).toEqual({ limit: 3.6, region: null });
    expect(freeLimit(-3).limit).toBe(0.5);
    expect(freeLimit(99).limit).toBe(12);
    expect(freeLimit(3.14159).limit).toBe(3.14);
  });

  it('moves by keys: a tenth, one, to the ends, and among the named choices', () => {
    const from = (limit: number, key: string, shiftKey = false) => limitByKey({ key, shiftKey }, CURVE, { limit, region: null });
    expect(from(3, 'ArrowRight')?.limit).toBe(3.1);
    expect(from(3, 'ArrowLeft', true)?.limit).toBe(2);
    expect(from(3, 'Home')?.limit).toBe(0.5);
    expect(from(3, 'End')?.limit).toBe(12);
    expect(from(3.3, 'PageUp')).toEqual({ limit: 4, region: 'jayant' });
    expect(from(4, 'PageDown')).toEqual({ limit: 3.3, region: 'mse' });
    expect(from(3.3, 'PageDown')).toBeNull();
    expect(from(3, 'x')).toBeNull();
  });
});

describe('a codebook under a tried limit', () => {
  const codebook = { index: 0, levels: [-3, -1, 1, 3], thresholds: [-2, 0, 2], support: [-4, 4] as [number, number], channel: null };

  it('has its levels spread with the support where they are one equidistant grid', () => {
    expect(movedCodebook(codebook, [-2, 2], true)).toMatchObject({ levels: [-1.5, -0.5, 0.5, 1.5], thresholds: [-1, 0, 1], support: [-2, 2] });
  });

  it('has none where they do not follow from the limit', () => {
    expect(movedCodebook(codebook, [-2, 2], false).levels).toEqual([]);
    expect(movedCodebook({ ...codebook, channel: 3 }, [-2, 2], true).levels).toEqual([]);
  });
});

describe('labels of the named choices', () => {
  it('share one where they come to the same, and point to what lies beyond the chart', () => {
    expect(namedLabels(CURVE).map(({ text, at }) => [text, at])).toEqual([['mse', 3.3], ['jayant, aciq', 4], ['abs-max 14 →', 12]]);
  });
});
