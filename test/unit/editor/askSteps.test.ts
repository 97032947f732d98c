import { expect, test } from 'vitest';
import { askSteps, type Prompt } from '../../../src/commands/askSteps';
import { bitsChoices, granularityChoices, methodChoices } from '../../../src/commands/settingChoices';
import type { PartialSettings } from '../../../src/core/plan/layerSettings';

const steps = [
  { title: 'method', choices: methodChoices },
  { title: 'granularity', choices: granularityChoices },
  { title: 'bits', choices: bitsChoices },
];

/** Answers in order, and what was asked for. */
function person(...answers: (PartialSettings | 'back' | undefined)[]) {
  const asked: Prompt[] = [];
  return { asked, ask: async (prompt: Prompt) => answers[asked.push(prompt) - 1] };
}

test('asks each step once and puts the answers together', async () => {
  const { asked, ask } = person({ method: 'uniform' }, { granularity: 'tensor' }, { bits: 3 });
  expect(await askSteps(steps, ask)).toEqual({ method: 'uniform', granularity: 'tensor', bits: 3 });
  expect(asked.map(({ title, position }) => [title, position?.step])).toEqual([['method', 1], ['granularity', 2], ['bits', 3]]);
  expect(asked[2]!.decided).toEqual({ method: 'uniform', granularity: 'tensor' });
  expect(asked[2]!.choices.map(({ settings }) => settings.bits)).toEqual([2, 3, 4, 5, 6, 7, 8]);
});

test('a step with a single choice decides itself, and back goes past it', async () => {
  const { asked, ask } = person({ method: 'subset' }, 'back', { method: 'subset' }, { bits: 4 });
  expect(await askSteps(steps, ask)).toEqual({ method: 'subset', granularity: 'tensor', bits: 4 });
  expect(asked.map(({ title }) => title)).toEqual(['method', 'bits', 'method', 'bits']);
  expect(asked[3]).toMatchObject({ position: { step: 2, of: 2 } });
  expect(asked[3]!.choices.map(({ settings }) => settings.bits)).toEqual([2, 3, 4]);
});

test('a question that is dismissed decides nothing', async () => {
  expect(await askSteps(steps, person({ method: 'uniform' }, undefined).ask)).toBeUndefined();
});
