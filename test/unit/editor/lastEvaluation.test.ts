import { expect, it } from 'vitest';
import { LastEvaluation } from '../../../src/editor/lastEvaluation';
import type { EvaluationState } from '../../../src/protocol/evaluationPage';

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

  evaluation.begin('/data/x.npy')('top 1 98 %');
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
  found('top 1 98 %');
  expect(evaluation.state?.isCurrent).toBe(false);
});

it('is gone once it was dismissed', () => {
  const { evaluation, told, change } = lastEvaluation();
  evaluation.begin('x.npy')('top 1 98 %');
  evaluation.dismiss();
  change('edited');
  expect(told.at(-1)).toBe(null);
  expect(evaluation.state).toBe(null);
});
