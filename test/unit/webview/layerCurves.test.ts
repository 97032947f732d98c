import { describe, expect, it } from 'vitest';
import type { HostMessage } from '../../../src/protocol/page';
import { applyCurves, NO_CURVES, ofLayer, problemOf } from '../../../webview/layerCurves';
import { applyHostMessage, initialState } from '../../../webview/state';
import { parseViewState } from '../../../webview/viewState';
import { tableRow } from './rows';

const problem = { title: 'gone', remedy: '', detail: '' };
const budget = { bytesBefore: 1, bytesAfter: null, averageBits: null, plannedLayers: 0, quantizedAlready: 0, worst: null };

describe('what the inspector knows of a layer', () => {
  it('is shown for that layer alone, and the last word counts', () => {
    const failed = applyCurves(NO_CURVES, { type: 'curveProblem', index: 2, of: 'methodCurves', problem });
    expect(problemOf(failed, 2, 'layerErrors', 'methodCurves')).toBe(problem);
    expect(problemOf(failed, 2, 'supportCurve')).toBeNull();
    expect(problemOf(failed, 1, 'methodCurves')).toBeNull();
    const answered = applyCurves(failed, { type: 'methodCurves', curves: { index: 2, points: [] } });
    expect(problemOf(answered, 2, 'methodCurves')).toBeNull();
    expect(ofLayer(answered.methods, 2)).not.toBeNull();
    expect(ofLayer(answered.methods, 1)).toBeNull();
  });
});

describe('a support limit that is tried', () => {
  function trying(support: number | 'mse') {
    const state = initialState(parseViewState(undefined));
    state.rows.set(0, { ...tableRow(0), plan: { ...tableRow(0, { bits: 4 }).plan!, support: 'mse' } });
    state.triedLimit = { layer: 0, limit: { limit: 3, region: null } };
    const plan: HostMessage = { type: 'plan', plan: [{ ...tableRow(0, { bits: 4, sqnrDb: 20 }).plan!, support }], budget };
    applyHostMessage(state, plan);
    return state.triedLimit;
  }

  it('is forgotten once the plan says another support, not when a figure arrives', () => {
    expect(trying(3)).toBeNull();
    expect(trying('mse')).toEqual({ layer: 0, limit: { limit: 3, region: null } });
  });
});
