import { describe, expect, it } from 'vitest';
import type { CurvePoint } from '../../../src/protocol/page';
import type { TableData } from '../../../webview/chartTable';
import { heightOf, lineOf, plannedPoint, pointByKey, rangeOf, shownMethods, type MethodPlot } from '../../../webview/methodPlot';
import { describeMethods, methodTables, pointFacts } from '../../../webview/methodText';
import { tableRow } from './rows';

function point(method: CurvePoint['method'], bits: CurvePoint['bits'], sqnrDb: number | null, known: Partial<CurvePoint> = {}): CurvePoint {
  return { method, bits, granularity: 'channel', sampled: null, sqnrDb, predictedSqnrDb: sqnrDb === null ? null : sqnrDb - 3, ...known };
}

const POINTS = [
  point('lloyd-max', 4, 22), point('uniform', 2, 8), point('uniform', 4, 20, { sampled: 100 }), point('uniform', 3, 14),
  point('subset', 4, 19, { granularity: 'tensor' }), point('sptq', 4, null),
];

function plotOf(known: Partial<MethodPlot> = {}): MethodPlot {
  return { name: 'w', of: 'weights', points: POINTS, hidden: new Set(), showPredicted: false, relative: false, planned: null, chosen: null, rounded: null, ...known };
}

describe('lines of the method chart', () => {
  it('run by bit width and leave out points at which nothing is lost', () => {
    expect(lineOf(plotOf(), 'uniform', 'sqnrDb')).toEqual([{ bits: 2, y: 8 }, { bits: 3, y: 14 }, { bits: 4, y: 20 }]);
    expect(lineOf(plotOf(), 'uniform', 'predictedSqnrDb').map(({ y }) => y)).toEqual([5, 11, 17]);
    expect(lineOf(plotOf(), 'sptq', 'sqnrDb')).toEqual([]);
    expect(shownMethods(plotOf({ hidden: new Set(['subset']) }))).toEqual(['uniform', 'sptq', 'lloyd-max']);
  });

  it('stand above the uniform quantizer of the same width where that is asked for', () => {
    const plot = plotOf({ relative: true });
    expect(POINTS.map((each) => heightOf(plot, each))).toEqual([2, 0, 0, 0, -1, null]);
    expect(heightOf(plot, POINTS[0]!, 'predictedSqnrDb')).toBe(-1);
    expect(heightOf({ ...plot, points: POINTS.slice(0, 1) }, POINTS[0]!)).toBeNull();
  });

  it('span the axis, predictions only when they are shown', () => {
    const [least, greatest] = rangeOf(plotOf())!;
    expect(least).toBeCloseTo(8 - 0.06 * 14, 12);
    expect(greatest).toBeCloseTo(22 + 0.06 * 14, 12);
    expect(rangeOf(plotOf({ showPredicted: true }))![0]).toBeLessThan(5);
    expect(rangeOf(plotOf({ hidden: new Set(['uniform', 'lloyd-max', 'subset']) }))).toBeNull();
  });
});

describe('the planned point', () => {
  it('is one of method, width and granularity', () => {
    const plan = tableRow(0, { bits: 4 }).plan;
    expect(plannedPoint(POINTS, plan)).toEqual({ method: 'uniform', bits: 4 });
    expect(plannedPoint(POINTS, plan && { ...plan, granularity: 'tensor' })).toBeNull();
    expect(plannedPoint(POINTS, tableRow(0).plan)).toBeNull();
  });
});

describe('keys in the method chart', () => {
  const from = (method: CurvePoint['method'], bits: CurvePoint['bits'], key: string, hidden: CurvePoint['method'][] = []) => {
    const moved = pointByKey(key, plotOf({ chosen: { method, bits }, hidden: new Set(hidden) }));
    return moved && `${moved.method} ${moved.bits}`;
  };

  it('move along a line and stop at its ends', () => {
    expect(from('uniform', 2, 'ArrowRight')).toBe('uniform 3');
    expect(from('uniform', 2, 'ArrowLeft')).toBe('uniform 2');
    expect(from('uniform', 3, 'End')).toBe('uniform 4');
    expect(from('uniform', 4, 'Home')).toBe('uniform 2');
  });

  it('move among the lines at one width by how good they are, over hidden ones', () => {
    expect(from('subset', 4, 'ArrowUp')).toBe('uniform 4');
    expect(from('uniform', 4, 'ArrowUp')).toBe('lloyd-max 4');
    expect(from('lloyd-max', 4, 'ArrowUp')).toBe('sptq 4');
    expect(from('subset', 4, 'ArrowUp', ['uniform'])).toBe('lloyd-max 4');
  });

  it('start somewhere when nothing is chosen, and are nobody else’s', () => {
    expect(pointByKey('ArrowUp', plotOf())).toEqual(POINTS[0]);
    expect(pointByKey('x', plotOf())).toBeNull();
    expect(from('uniform', 2, 'Enter')).toBeNull();
  });
});

describe('the method chart in other words', () => {
  it('calls none the best that would not make the layer smaller, and says so of its point', () => {
    const [useless, best] = [point('lloyd-max', 4, null, { notSmaller: true }), point('uniform', 4, 20)];
    expect(describeMethods(plotOf({ points: [useless, best] }))).toBe('4 bits: best of those that make the layer smaller is Uniform with 20.0 dB.');
    expect(describeMethods(plotOf({ points: [useless] }))).toBe('4 bits: no method makes the layer smaller.');
    expect(pointFacts(useless)).toBe('the layer would stay as it is, since codes and levels take as much · per channel · all weights');
    expect(pointFacts(best)).not.toContain('stay');
  });

  it('says which method is best at each width, and what is planned', () => {
    const text = describeMethods(plotOf({ planned: { method: 'uniform', bits: 4 } }));
    expect(text).toBe('2 bits: best is Uniform with 8.0 dB. 3 bits: best is Uniform with 14.0 dB. '
      + '4 bits: best is SPTQ with ∞ dB. Planned: Uniform, 4 bits: 20.0 dB.');
  });

  it('has a row a width and a column a method, with what is approximate marked', () => {
    const [measured, predicted] = methodTables(plotOf());
    expect(measured?.heads).toEqual(['Bits', 'Uniform', 'SPTQ', 'Lloyd–Max', 'SubsetQ']);
    const texts = (table: TableData | undefined) => table?.rows.map((row) => row.map((cell) => (typeof cell === 'string' ? cell : cell.text)));
    expect(texts(measured))
      .toEqual([['2', '8.00', '', '', ''], ['3', '14.00', '', '', ''], ['4', '≈ 20.00', '∞', '22.00', '19.00']]);
    expect(texts(predicted)?.[2]).toEqual(['4', '17.00', '', '19.00', '16.00']);
  });
});
