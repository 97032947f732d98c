import { expect, it } from 'vitest';
import { overBudget, SIZE_BUDGETS } from '../sizeBudgets';

it('a bundle past its budget is named, with how much it is over', () => {
  const sizes = { ...SIZE_BUDGETS, 'dist/cli.js': SIZE_BUDGETS['dist/cli.js']! + 1234 };
  expect(overBudget(SIZE_BUDGETS)).toEqual([]);
  expect(overBudget(sizes)).toEqual(['dist/cli.js: 91234 bytes, 1234 more than its budget of 90000']);
});
