import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance, nearestName } from '../../../../src/core/plan/nearestName';

test.each([
  ['', '', 0], ['', 'abc', 3], ['kitten', 'sitting', 3], ['flaw', 'lawn', 2], ['bits', 'bit', 1],
])('editDistance(%j, %j) = %i', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
});

test('editDistance is a metric', () => {
  const word = fc.string({ maxLength: 12 });
  fc.assert(fc.property(word, word, word, (a, b, c) => {
    expect(editDistance(a, b)).toBe(editDistance(b, a));
    expect(editDistance(a, b) === 0).toBe(a === b);
    expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
  }));
});

describe('nearestName', () => {
  const names = ['conv1.weight', 'conv2.weight', 'fc.weight'];

  test.each([['conv1.wieght', 'conv1.weight'], ['FC.WEIGHT', 'fc.weight'], ['conv2weight', 'conv2.weight']])(
    '%s was meant as %s', (name, meant) => expect(nearestName(name, names)).toBe(meant),
  );

  test('suggests nothing when nothing is close', () => {
    expect(nearestName('embedding', names)).toBeUndefined();
    expect(nearestName('x', [])).toBeUndefined();
  });
});
