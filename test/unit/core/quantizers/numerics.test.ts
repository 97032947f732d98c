import { describe, expect, it } from 'vitest';
import oracles from '../../../expected/oracles.json';
import { goldenSection } from '../../../../src/core/quantizers/goldenSection';
import { lambertW0 } from '../../../../src/core/quantizers/lambertW';
import { asymptoticSupport, jayantSupport, midRiseDistortion } from '../../../../src/core/quantizers/supportRegion';

const sqnr = (limit: number, count: number) => -10 * Math.log10(midRiseDistortion(limit, count));

describe('lambertW0', () => {
  it.each([1e-6, 0.1, 1, Math.E, 48, 196608, 1e12])('solves w·e^w = %d', (x) => {
    const w = lambertW0(x);
    expect((w * Math.exp(w)) / x).toBeCloseTo(1, 12);
  });

  it.each(oracles.aciqLaplace)('gives the ACIQ clip at $bits bits', ({ bits, alphaOverB }) => {
    expect(Math.abs(asymptoticSupport(2 ** bits) - alphaOverB)).toBeLessThan(2e-6);
  });
});

describe('goldenSection', () => {
  it('finds the minimum of a parabola', () => {
    expect(goldenSection((x) => (x - 0.3) ** 2, -1, 5, 1e-7)).toBeCloseTo(0.3, 6);
  });
});

describe('mid-rise supports on the Laplacian', () => {
  it.each(oracles.uniform)('are best, asymptotic and leading-term at N = $N', (row) => {
    const best = jayantSupport(row.N);
    expect(Math.abs(best - row.xmax)).toBeLessThan(2e-5);
    expect(Math.abs((2 * best) / row.N - row.step)).toBeLessThan(2e-5);
    expect(Math.abs(midRiseDistortion(best, row.N) - row.D)).toBeLessThan(2e-6);
    expect(Math.abs(sqnr(best, row.N) - row.sqnr)).toBeLessThan(2e-6);

    const asymptotic = Math.SQRT1_2 * asymptoticSupport(row.N);
    expect(Math.abs(asymptotic - row.xmaxLambertW)).toBeLessThan(2e-5);
    expect(Math.abs(sqnr(asymptotic, row.N) - row.sqnrLambertW)).toBeLessThan(2e-6);
    expect(Math.abs(sqnr(Math.SQRT2 * Math.log(row.N), row.N) - row.sqnrSqrt2lnN)).toBeLessThan(2e-6);
  });

  it.each([
    [1, 4.433425, 5.318724, 5.742349], [1.5, 6.142766, 7.791501, 8.557234],
    [1.9605, 6.978718, 9.706946, 11.024775], [2.1748, 7.070747, 10.396621, 12.09084], [2.5, 6.883323, 11.119317, 13.541206],
    [2.9236, 6.216083, 11.441914, 14.98546], [2.9408, 6.182327, 11.441445, 15.031028],
    [3.5, 4.950278, 11.007538, 15.908469], [4, 3.781903, 10.215254, 15.842013], [5, 1.600845, 8.396933, 14.601264],
    [6, -0.284552, 6.707777, 13.104957], [7.063787, -2.006627, 5.127299, 11.655366],
  ])('lose %d as the theory says', (limit, four, eight, sixteen) => {
    expect(Math.abs(sqnr(limit, 4) - four)).toBeLessThan(2e-6);
    expect(Math.abs(sqnr(limit, 8) - eight)).toBeLessThan(2e-6);
    expect(Math.abs(sqnr(limit, 16) - sixteen)).toBeLessThan(2e-6);
  });

  it('are the limit of the published two-bit iteration', () => {
    let step = (Math.SQRT2 * Math.log(4)) / 2;
    const iterates = Array.from({ length: 40 }, () => {
      const u = Math.exp(-Math.SQRT2 * step);
      return (step = (Math.SQRT2 * (1 + 2 * u)) / (1 + 4 * u));
    });
    expect(iterates[0]).toBeCloseTo((3 * Math.SQRT2) / 4, 12);
    [1.06066, 1.080739, 1.085738, 1.086981, 1.08729].forEach((expected, i) => expect(iterates[i]).toBeCloseTo(expected, 6));
    expect(iterates.at(-1)).toBeCloseTo(1.08739269, 8);
    expect(Math.abs(jayantSupport(4) / 2 - (iterates.at(-1) as number))).toBeLessThan(2e-5);
    expect(sqnr(2 * (iterates[0] as number), 4)).toBeCloseTo(7.065164, 6);
  });
});
