import { expect, test } from 'vitest';
import { completeSettings } from '../../../src/core/plan/layerSettings';
import { budgetOf } from '../../../src/editor/budget';
import { worstLayers } from '../../../src/editor/worstLayers';
import type { LayerPreview } from '../../../src/protocol/coreService';
import { layerOf, summaryOf } from './fakeCore';

const lossless = preview(0, Infinity, Infinity);
const roundedByOutputs = preview(1, 12, 41);
const nearest = preview(2, 30, 29);
const unmeasured = preview(3, 8, null);

test('errors of weights rank layers while no outputs are known', () => {
  const ranked = worstLayers([preview(1, 30, null), unmeasured]);
  expect([ranked.by, ranked.ranked.map(({ layer }) => layer)]).toEqual(['weights', [3, 1]]);
});

test('errors of outputs rank them once known, and those without follow by their weights', () => {
  const { by, ranked } = worstLayers([preview(4, 25, null), unmeasured, lossless, roundedByOutputs, nearest]);
  expect([by, ranked.map(({ layer }) => layer)]).toEqual(['outputs', [2, 1, 0, 3, 4]]);
});

test.each<[string, LayerPreview[], unknown]>([
  ['of outputs', [roundedByOutputs, nearest, unmeasured], { index: 2, name: 'w2', sqnrDb: 29, by: 'outputs' }],
  ['of weights', [preview(1, 12, null), preview(2, 30, null)], { index: 1, name: 'w1', sqnrDb: 12, by: 'weights' }],
  ['none, where nothing is lost', [lossless], null],
])('totals name the worst layer by errors %s', (_, previews, worst) => {
  expect(budgetOf(summaryOf([layerOf(0)]), null, [undefined, ...previews]).worst).toEqual(worst);
});

function preview(layer: number, sqnrDb: number, outputSqnrDb: number | null): LayerPreview {
  return {
    layer, name: `w${layer}`, settings: completeSettings({}), sqnrDb, outputSqnrDb, fewPositions: null,
    mse: 0, predictedSqnrDb: sqnrDb, maxAbsError: 0, cosine: 1, bytesBefore: 8, bytesAfter: 4,
    codebook: { levels: [-1, 1], thresholds: [0], support: [-1, 1], channel: null },
  };
}
