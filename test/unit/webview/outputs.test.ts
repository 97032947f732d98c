import { describe, expect, it } from 'vitest';
import type { CurvePoint } from '../../../src/protocol/page';
import { figureGroups } from '../../../webview/figures';
import { outputPoints, roundedPoint } from '../../../webview/outputPoints';
import { methodText, outputText, sqnrText } from '../../../webview/rowText';
import { groupFigures } from '../../../webview/layerGroups';
import { sortRows } from '../../../webview/sort';
import { applyHostMessage, initialState, silentColumns } from '../../../webview/state';
import { parseViewState } from '../../../webview/viewState';
import { tableRow } from './rows';

const measured = (sqnrDb: number | null) => ({ state: 'measured', sqnrDb } as const);
const layer = (index: number, sqnrDb: number | null) => tableRow(index, { bits: 4, sqnrDb: 20, output: measured(sqnrDb) });

describe('errors of outputs', () => {
  it('stand in the table as measured, as under way, or with the reason that they are not known', () => {
    expect(outputText(layer(0, 24.06))).toEqual({ text: '24.1', title: '', warning: false });
    expect(outputText(layer(0, 19.9))).toMatchObject({ text: '19.9', warning: true });
    expect(outputText(layer(0, null))).toMatchObject({ text: '∞' });
    expect(outputText(tableRow(0, { bits: 4, output: { state: 'pending' } }))).toMatchObject({ text: '…' });
    expect(outputText(tableRow(0, { bits: 4, output: { state: 'unknown', reason: 'it is too large' } })))
      .toEqual({ text: '—', title: 'Not known: it is too large' });
    expect(outputText(tableRow(0, { bits: 4, note: 'it would not get smaller', output: measured(30) }))).toMatchObject({ text: '—' });
  });

  it('say where few positions stand behind them, though they look good', () => {
    const row = tableRow(0, { bits: 4, rounding: 'gptq', output: { ...measured(27), fewPositions: { positions: 16, inputs: 784 } } });
    const said = 'Rounded by 16 positions of the calibration data for 784 inputs: on other data the error may be larger than rounded to nearest';
    expect(outputText(row)).toMatchObject({ text: '27.0', title: `${said}; more samples help`, warning: true });
    expect(figureGroups(row).find(({ title }) => title === 'Quantized')!.explanation).toContain(said);
  });

  it('sort the table, without loss above all, unknown ones last', () => {
    const rows = [layer(0, 30), tableRow(1, { bits: 4, sqnrDb: 20 }), layer(2, null), layer(3, 10)];
    const order = (descending: boolean) => sortRows(rows, { column: 'output', descending }).map((row) => row.layer.index);
    expect(order(false)).toEqual([3, 0, 2, 1]);
    expect(order(true)).toEqual([2, 0, 3, 1]);
  });

  it('are figures of the inspector, with the rounding they are of', () => {
    const row = tableRow(0, { bits: 4, sqnrDb: 20, rounding: 'gptq', output: measured(24.06) });
    const figures = new Map(figureGroups(row).flatMap((group) => group.figures).map((figure) => [figure.key, figure]));
    expect(figures.get('outputSqnrDb')).toMatchObject({ value: 24.06, text: '24.1 dB' });
    expect(figures.get('rounding')).toMatchObject({ value: 'gptq', text: 'GPTQ' });
    expect(figureGroups(tableRow(0, { bits: 4, sqnrDb: 20 })).flatMap((group) => group.figures).map(({ key }) => key))
      .not.toContain('outputSqnrDb');
  });
});

describe('a layer that is being rounded by its outputs', () => {
  const pending = { state: 'pending' } as const;
  const row = (output: typeof pending | { state: 'pending'; fraction: number } | ReturnType<typeof measured>) => (
    tableRow(0, { bits: 2, sqnrDb: 6, rounding: 'gptq', output })
  );

  it('has figures of nearest codes, which are provisional until it is done', () => {
    expect(sqnrText(row(pending))).toEqual({
      text: '6.0', title: 'Of nearest codes: rounding by GPTQ is being computed · Low: below 20 dB', warning: true, provisional: '6.0, provisional',
    });
    expect(sqnrText(row(measured(9)))).toMatchObject({ title: 'Low: below 20 dB', provisional: null });
    expect(sqnrText(tableRow(0, { bits: 4, sqnrDb: 25, output: pending }))).toMatchObject({ title: '', provisional: null });
  });

  it('has them for good, with the reason, where it cannot be done here', () => {
    const cannot = tableRow(0, { bits: 4, sqnrDb: 25, rounding: 'gptq', output: { state: 'unknown', reason: 'it is too large' } });
    expect(sqnrText(cannot)).toMatchObject({ title: 'Of nearest codes: it is too large', provisional: '25.0, provisional' });
  });

  it('says how far that is where its output SQNR will stand', () => {
    expect(outputText(row(pending))).toEqual({ text: '…', title: 'Rounding by GPTQ is being computed' });
    expect(outputText(row({ state: 'pending', fraction: 0.42 })))
      .toEqual({ text: '42 %', title: 'Rounding by GPTQ is being computed', provisional: '42 % of rounding' });
  });

  it('has its figures in the inspector told from those that stay', () => {
    const quantized = (shown: ReturnType<typeof row>) => figureGroups(shown).find(({ title }) => title === 'Quantized')!;
    const muted = quantized(row(pending)).figures.filter((figure) => figure.muted).map(({ key }) => key);
    expect(muted).toEqual(['sqnrDb', 'mse', 'cosine', 'maxAbsError']);
    expect(quantized(row(pending)).explanation).toBe('Of nearest codes: rounding by GPTQ is being computed.');
    expect(quantized(row(measured(9))).figures.some((figure) => figure.muted)).toBe(false);
  });

  it('makes the worst SQNR of its group provisional, too', () => {
    expect(groupFigures([layer(1, 30), row(pending)])).toMatchObject({ worstSqnrDb: 6, ofNearest: true });
    expect(groupFigures([layer(1, 30), row(measured(9))]).ofNearest).toBe(false);
  });
});

it('a rounding stands beside the method, with a warning where it lacks calibration data', () => {
  expect(methodText(tableRow(0, { bits: 4, rounding: 'gptq', output: { state: 'pending' } })))
    .toEqual({ text: 'uniform · gptq', title: 'uniform, per channel, rounding: GPTQ', warning: false });
  expect(methodText(tableRow(0, { bits: 4, rounding: 'calibrated' })))
    .toMatchObject({ text: 'uniform · calibrated', title: 'uniform, per channel, Learned Thresholds: needs calibration data', warning: true });
  expect(methodText(tableRow(0, { bits: 4, rounding: 'gptq' })))
    .toMatchObject({ title: 'uniform, per channel, GPTQ: needs calibration data', warning: true });
});

it('a layer that cannot be calibrated is rounded to nearest, and says why', () => {
  const output = { state: 'unknown', reason: 'it is an embedding' } as const;
  const row = tableRow(0, { bits: 4, sqnrDb: 25, uncalibrated: { rounding: 'gptq', reason: 'it is an embedding' }, output });
  expect(methodText(row)).toEqual({
    text: 'uniform · nearest', title: 'uniform, per channel, rounded to nearest, not by GPTQ: it is an embedding', warning: false,
  });
  expect(sqnrText(row)).toMatchObject({ title: '', provisional: null });
  const { figures, explanation } = figureGroups(row).find(({ title }) => title === 'Quantized')!;
  expect(figures.find(({ key }) => key === 'rounding')).toMatchObject({ value: 'nearest', text: 'Nearest' });
  expect(explanation).toBe('Not rounded by GPTQ: it is an embedding.');
});

it('the column is there while the plan names calibration data, and the table is not sorted by it after that', () => {
  const state = initialState(parseViewState(null));
  expect(silentColumns(state)).toEqual(['type', 'moved', 'output']);
  applyHostMessage(state, { type: 'calibration', calibration: { file: 'x.npy', progress: { state: 'running', fraction: 0 } } });
  expect(silentColumns(state)).toEqual(['type', 'moved']);
  state.sort = { column: 'output', descending: false };
  applyHostMessage(state, { type: 'calibration', calibration: null });
  expect(silentColumns(state)).toEqual(['type', 'moved', 'output']);
  expect(state.sort).toBeNull();
});

describe('the chart of outputs', () => {
  const point: CurvePoint = { method: 'uniform', bits: 4, granularity: 'channel', sampled: null, sqnrDb: 20, predictedSqnrDb: 19 };

  it('has the points that were measured, which nothing predicts', () => {
    expect(outputPoints([{ ...point, outputSqnrDb: 25 }, { ...point, bits: 5 }])).toEqual([{ ...point, sqnrDb: 25, predictedSqnrDb: null }]);
  });

  it('marks where the planned rounding brings the layer, if it is not to nearest', () => {
    const { plan } = tableRow(0, { bits: 4, rounding: 'gptq', output: measured(27) });
    expect(roundedPoint(plan)).toEqual({ bits: 4, rounding: 'gptq', sqnrDb: 27 });
    for (const row of [layer(0, 27), tableRow(0, { bits: 4, rounding: 'gptq', output: { state: 'pending' } })]) expect(roundedPoint(row.plan)).toBeNull();
  });
});
