import { expect, it } from 'vitest';
import { attentionFactor } from '../../../../src/core/kernels/attentionFactor';

it('weights gradients by the Gaussian tail that a step would enter', () => {
  const factors = [[-1, 0.02275], [-0.3, 0.274253], [0, 0.5], [0.3, 0.725747], [1, 0.97725]] as const;
  for (const [alpha, factor] of factors) expect(attentionFactor(alpha)).toBeCloseTo(factor, 6);
  expect([attentionFactor(-9), attentionFactor(9)]).toEqual([0, 1]);
});

it('makes a normal start land on codes with probabilities that fall with the distance', () => {
  const position = 0.3;
  const below = (edge: number): number => attentionFactor(edge - position);
  const probabilities = [-1, 0, 1, 2].map((code) => below(code + 0.5) - below(code - 0.5));
  [0.05464, 0.600622, 0.336381, 0.008192].forEach((expected, i) => expect(probabilities[i]).toBeCloseTo(expected, 5));
});
