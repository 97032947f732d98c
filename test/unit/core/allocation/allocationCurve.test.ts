import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocateByCodingLength, allocateByNoise } from '../../../../src/core/allocation/allocateBits';
import type { LayerOption, LayerOptions } from '../../../../src/core/allocation/layerOptions';
import { allocationCurve, codingLengthCurve, equalWidths } from '../../../../src/core/allocation/allocationCurve';
import { endLayers, withFixedWidth } from '../../../../src/core/allocation/endLayers';
import { layerOf } from '../../editor/fakeCore';

const UNITS = ['weightBits', 'bytes'] as const;

/** Noise in eighths, so that sums are exact. */
const option = fc.record({ weightBits: fc.integer({ min: 1, max: 40 }), bytes: fc.integer({ min: 1, max: 40 }), noise: fc.integer({ min: 0, max: 60 }).map((n) => n / 8) });
const layers = fc.array(fc.array(option, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 }).map((all) => (
  all.map((widths, layer): LayerOptions => ({
    layer, codingLength: (layer * 7) % 5,
    options: [
      ...widths.map((each, i): LayerOption => ({ bits: ([2, 4, 8] as const)[i]!, ...each })),
      { bits: 'float', weightBits: 99, bytes: 99, noise: 0 },
    ],
  }))
));

function everyChoice([first, ...rest]: LayerOptions[], unit: 'weightBits' | 'bytes'): { cost: number; noise: number }[] {
  if (!first) return [{ cost: 0, noise: 0 }];
  return everyChoice(rest, unit).flatMap(({ cost, noise }) => (
    first.options.slice(0, -1).map((each) => ({ cost: cost + each[unit], noise: noise + each.noise }))
  ));
}

function many(count: number): LayerOptions[] {
  return Array.from({ length: count }, (_, layer) => ({
    layer,
    options: [
      ...([2, 3, 4, 5, 6, 7, 8] as const).map((bits): LayerOption => (
        { bits, weightBits: bits * (100 + ((layer * 31) % 70)), bytes: bits * 20, noise: (1 + ((layer * 13) % 9)) * 4 ** -bits }
      )),
      { bits: 'float', weightBits: 3200, bytes: 400, noise: 0 },
    ],
  }));
}

describe('the curve of least error', () => {
  it('has the choices that no other one beats, by brute force', () => {
    fc.assert(fc.property(layers, fc.constantFrom(...UNITS), (given, unit) => {
      const all = everyChoice(given, unit);
      const curve = allocationCurve(given, unit);
      curve.forEach(({ cost, noise }, i) => {
        expect(all.some((each) => each.cost <= cost && each.noise < noise)).toBe(false);
        if (i === 0) return;
        expect(cost).toBeGreaterThan(curve[i - 1]!.cost);
        expect(noise).toBeLessThan(curve[i - 1]!.noise);
      });
      expect(curve[0]!.cost).toBe(Math.min(...all.map(({ cost }) => cost)));
      expect(curve.at(-1)!.noise).toBe(Math.min(...all.map(({ noise }) => noise)));
    }), { numRuns: 300 });
  });

  it('gives the numbers of its widths', () => {
    fc.assert(fc.property(layers, (given) => {
      for (const { widths, cost, noise } of [...allocationCurve(given, 'bytes'), ...equalWidths(given, 'bytes'), ...codingLengthCurve(given, 'bytes')]) {
        const chosen = widths.map(({ bits }, i) => given[i]!.options.find((each) => each.bits === bits)!);
        expect(cost).toBe(chosen.reduce((sum, { bytes }) => sum + bytes, 0));
        expect(noise).toBe(chosen.reduce((sum, each) => sum + each.noise, 0));
      }
    }));
  });

  it('is short, falls and is convex for thousands of layers, and lies below equal widths', () => {
    const given = many(3000);
    const curve = allocationCurve(given, 'weightBits');
    expect(curve.length).toBeGreaterThan(40);
    expect(curve.length).toBeLessThanOrEqual(62);
    const slopes = curve.slice(1).map(({ cost, noise }, i) => (curve[i]!.noise - noise) / (cost - curve[i]!.cost));
    slopes.forEach((slope, i) => {
      expect(slope).toBeGreaterThan(0);
      if (i > 0) expect(slope).toBeLessThan(slopes[i - 1]! * (1 + 1e-9));
    });
    for (const { cost, noise } of equalWidths(given, 'weightBits')) {
      expect(allocateByNoise(given, { unit: 'weightBits', most: cost })!.noise).toBeLessThanOrEqual(noise * (1 + 1e-12));
    }
  });
});

describe('equal widths', () => {
  it('are two to eight bits for all', () => {
    expect(equalWidths(many(3), 'bytes').map(({ widths }) => widths.map(({ bits }) => bits).join())).toEqual(
      ['2,2,2', '3,3,3', '4,4,4', '5,5,5', '6,6,6', '7,7,7', '8,8,8'],
    );
  });
});

describe('the curve of coding lengths', () => {
  it('has what the rule chooses for a budget of its cost', () => {
    const given = many(20).map((each, i) => ({ ...each, codingLength: (i * 5) % 11 }));
    const curve = codingLengthCurve(given, 'weightBits');
    expect(curve.length).toBeGreaterThan(10);
    for (const { cost, noise } of curve) {
      const found = allocateByCodingLength(given, { unit: 'weightBits', most: cost })!;
      expect(found.cost).toBeLessThanOrEqual(cost);
      expect(noise).toBeLessThanOrEqual(found.noise);
    }
  });
});

describe('layers of fixed width', () => {
  it('are the first and the last that can be quantized', () => {
    const skipped = { quantizable: { reason: 'already-quantized' as const } };
    expect(endLayers([layerOf(0, skipped), layerOf(1, { fixed: true }), layerOf(2), layerOf(3), layerOf(4), layerOf(5, skipped)])).toEqual([2, 4]);
    expect(endLayers([layerOf(0)])).toEqual([0]);
    expect(endLayers([])).toEqual([]);
  });

  it('keep it whatever decides, or the widest below it that they have', () => {
    const given = many(6).map((each, i) => ({ ...each, codingLength: i, options: i === 5 ? each.options.filter(({ bits }) => bits !== 8) : each.options }));
    const fixed = withFixedWidth(given, [0, 5], 8);
    const found = [
      ...allocationCurve(fixed, 'bytes'), ...equalWidths(fixed, 'bytes'), ...codingLengthCurve(fixed, 'bytes'),
      allocateByNoise(fixed, { unit: 'bytes', most: 580 })!,
    ];
    expect(found.length).toBeGreaterThan(20);
    for (const { widths } of found) expect([widths[0]!.bits, widths[5]!.bits]).toEqual([8, 7]);
    expect(new Set(found.map(({ widths }) => widths[2]!.bits)).size).toBeGreaterThan(3);
  });

  it('leave what has no width in float', () => {
    const [float] = many(1).map((each) => ({ ...each, options: each.options.slice(-1) }));
    expect(withFixedWidth([float!], [0], 8)).toEqual([{ ...float, notSmaller: [] }]);
  });
});
