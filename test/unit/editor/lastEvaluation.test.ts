import { expect, it } from 'vitest';
import { evaluationDocument } from '../../../src/cli/evaluateText';
import { LastEvaluation } from '../../../src/editor/lastEvaluation';
import { evaluationOf } from '../../../src/editor/knownReport';
import type { EvaluationState } from '../../../src/protocol/evaluationPage';
import { EVALUATION } from './fakeCore';

function lastEvaluation(): { evaluation: LastEvaluation; told: (EvaluationState | null)[]; change(subject: string): void } {
  let current = 'plan';
  const told: (EvaluationState | null)[] = [];
  const evaluation = new LastEvaluation(() => current, (state) => told.push(state));
  return {
    evaluation, told,
    change(subject) {
      current = subject;
      evaluation.update();
    },
  };
}

it('tells what was found, and whether it is of the model and the plan as they are', () => {
  const { evaluation, told, change } = lastEvaluation();
  change('before there was any');
  change('plan');
  expect([told, evaluation.state]).toEqual([[], null]);

  evaluation.begin('/data/x.npy')(EVALUATION, 'top 1 98 %');
  change('edited');
  change('edited again');
  change('plan');
  const state = { file: 'x.npy', text: 'top 1 98 %' };
  expect(told).toEqual([true, false, true].map((isCurrent) => ({ ...state, isCurrent })));
});

it('is of the plan that it began with', () => {
  const { evaluation, change } = lastEvaluation();
  const found = evaluation.begin('x.npy');
  change('edited meanwhile');
  found(EVALUATION, 'top 1 98 %');
  expect(evaluation.state?.isCurrent).toBe(false);
});

it('is gone once it was dismissed', () => {
  const { evaluation, told, change } = lastEvaluation();
  evaluation.begin('x.npy')(EVALUATION, 'top 1 98 %');
  evaluation.dismiss();
  change('edited');
  expect(told.at(-1)).toBe(null);
  expect(evaluation.state).toBe(null);
});

it('is in reports in words, and in the figures of the command line', () => {
  const { evaluation } = lastEvaluation();
  expect(evaluationOf(evaluation)).toBe(null);
  evaluation.begin('/data/x.npy')(EVALUATION, 'top 1 98 %');
  const ofCli = evaluationDocument({ model: 'm.onnx', reference: null, copy: null }, EVALUATION) as object;
  const { model: _model, reference: _reference, copy: _copy, ...figures } = ofCli as Record<string, unknown>;
  expect(evaluationOf(evaluation)).toEqual({ ...figures, inputs: 'x.npy', labels: 'y.npy', found: 'top 1 98 %', isCurrent: true });
  expect(figures).toMatchObject({
    samples: 2000, runtime: 'native', evaluated: { top1: 0.98 }, referenceAccuracy: { top1: 0.99 }, agreement: 0.97,
    outputs: [{ name: 'y', referenceName: 'y0', maxAbsDifference: 0, top1Agreement: 0.97 }],
  });
});
