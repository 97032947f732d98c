import { describe, expect, test } from 'vitest';
import { movedPlan, movedPlanText } from '../../../src/editor/movedPlan';

const plan = (model: string, inputs: string): { model: string; calibration: { inputs: string } } => ({ model, calibration: { inputs } });
const move = { from: '/models/old/a.onnx', to: '/models/new/b.onnx' };

describe('a plan whose model is moved', () => {
  test('names it as it is called now, where it named that model', () => {
    expect(movedPlan({ model: 'a.onnx' }, move, [])).toEqual({ model: 'b.onnx' });
    expect(movedPlan({ model: 'other.onnx' }, move, [])).toEqual({ model: 'other.onnx' });
  });

  test.each([
    ['where they were', 'data/x.npy', '../old/data/x.npy'],
    ['outside its folder', '../x.npy', '../x.npy'],
    ['given in full', '/data/x.npy', '/data/x.npy'],
    ['moved at the same time', 'x.npy', 'x.npy'],
  ])('finds calibration data %s', (_, before, after) => {
    const moves = [move, { from: '/models/old/x.npy', to: '/models/new/x.npy' }];
    expect(movedPlan(plan('a.onnx', before), move, moves)).toEqual(plan('b.onnx', after));
  });

  test('keeps the way to calibration data where only the name is another', () => {
    const renamed = { from: '/models/a.onnx', to: '/models/b.onnx' };
    expect(movedPlan(plan('a.onnx', './x.npy'), renamed, [renamed])).toEqual(plan('b.onnx', './x.npy'));
  });

  test('keeps in its file what cannot be used', () => {
    const text = '{"version":1,"model":"a.onnx","unknown":true,"layers":{"a":{"bits":99}}}';
    expect(JSON.parse(movedPlanText(text, move, []))).toEqual({ version: 1, model: 'b.onnx', unknown: true, layers: { a: { bits: 99 } } });
  });

  test.each(['', '{', '[]', '{"model":1}', '{"model":"a.onnx","calibration":{"inputs":1}}', '{"model":"other.onnx"}'])(
    'leaves its file as it is where nothing in it can follow: %s', (text) => {
      expect(movedPlanText(text, move, [])).toBe(text);
    },
  );
});
