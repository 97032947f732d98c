import { describe, expect, it } from 'vitest';
import { allocateByCodingLength, allocateByNoise, allocateBySqnr, allocateEqually } from '../../../../src/core/allocation/allocateBits';
import { withFixedWidth } from '../../../../src/core/allocation/endLayers';
import { withoutWidths, type LayerOption, type LayerOptions } from '../../../../src/core/allocation/layerOptions';
import { BIT_WIDTHS } from '../../../../src/core/plan/layerSettings';

/** Noise falls by 6 dB a bit from `noise` at no bits. */
function layer(index: number, elements: number, noise: number, codingLength = 0): LayerOptions {
  const widths = BIT_WIDTHS.map((bits): LayerOption => (
    { bits, weightBits: elements * bits, bytes: (elements * bits) / 8 + 20, noise: noise * 4 ** -bits }
  ));
  return { layer: index, codingLength, options: [...widths, { bits: 'float', weightBits: elements * 32, bytes: elements * 4, noise: 0 }] };
}

const widthsOf = (found: { widths: { bits: unknown }[] } | null): unknown[] => found?.widths.map(({ bits }) => bits) ?? [];

describe('allocation by noise', () => {
  it('gives equal layers equal widths and a noisier one more', () => {
    const equal = [layer(0, 100, 1), layer(1, 100, 1), layer(2, 100, 1)];
    expect(widthsOf(allocateByNoise(equal, { unit: 'weightBits', most: 1200 }))).toEqual([4, 4, 4]);
    const noisy = [layer(0, 100, 1), layer(1, 100, 16)];
    expect(widthsOf(allocateByNoise(noisy, { unit: 'weightBits', most: 800 }))).toEqual([3, 5]);
  });

  it('loses no more than equal widths of the same cost', () => {
    const layers = [layer(0, 10, 1), layer(1, 1000, 2), layer(2, 300, 0.1)];
    for (const bits of [2, 3, 4, 5, 6, 7, 8]) {
      const found = allocateByNoise(layers, { unit: 'weightBits', most: 1310 * bits })!;
      expect(found.noise).toBeLessThanOrEqual(3.1 * 4 ** -bits);
      expect(found.cost).toBeLessThanOrEqual(1310 * bits);
    }
  });

  it('keeps to bytes too, and says when it cannot', () => {
    const layers = [layer(0, 100, 1), layer(1, 800, 1)];
    expect(allocateByNoise(layers, { unit: 'bytes', most: 264 })).toBeNull();
    expect(widthsOf(allocateByNoise(layers, { unit: 'bytes', most: 265 }))).toEqual([2, 2]);
  });

  it('leaves in float only what no width makes smaller', () => {
    const { options, ...float } = layer(1, 1, 1);
    const layers = [layer(0, 100, 1), { ...float, options: options.slice(-1) }];
    expect(widthsOf(allocateByNoise(layers, { unit: 'weightBits', most: 1e6 }))).toEqual([8, 'float']);
  });
});

describe('a layer that not every width makes smaller', () => {
  const whole = layer(1, 10, 1);
  const narrow: LayerOptions = { ...whole, options: whole.options.filter(({ bits }) => bits === 2 || bits === 'float'), notSmaller: [3, 4, 5, 6, 7, 8] };
  const layers = [layer(0, 100, 1), narrow];

  it('may stay in float where the budget allows it', () => {
    expect(widthsOf(allocateByNoise(layers, { unit: 'weightBits', most: 720 }))).toEqual([4, 'float']);
    expect(widthsOf(allocateByNoise(layers, { unit: 'weightBits', most: 420 }))).toEqual([4, 2]);
  });

  it('stays in float at one width for all that is one of those', () => {
    expect(widthsOf(allocateEqually(layers, 2, 'bytes'))).toEqual([2, 2]);
    expect(widthsOf(allocateEqually(layers, 4, 'bytes'))).toEqual([4, 'float']);
    expect(withFixedWidth(layers, [1], 8)[1]!.options.map(({ bits }) => bits)).toEqual(['float']);
    expect(widthsOf(allocateByNoise(withFixedWidth(layers, [1], 2), { unit: 'weightBits', most: 1e6 }))).toEqual([8, 2]);
  });

  it('has fewer widths once a copy has left it in float at one', () => {
    const chosen = allocateEqually(layers, 2, 'bytes').widths;
    const [first, second] = withoutWidths(layers, chosen, [{ layer: 0, bits: 'float' }, chosen[1]!]);
    expect(second).toBe(narrow);
    expect(widthsOf(allocateEqually([first!], 2, 'bytes'))).toEqual(['float']);
    expect(widthsOf(allocateEqually([first!], 3, 'bytes'))).toEqual([3]);
  });
});

describe('allocation by coding length', () => {
  it('gives longer layers more bits and comes close to the budget', () => {
    const layers = [layer(0, 100, 1, 10), layer(1, 100, 1, 10), layer(2, 100, 1, 500)];
    const found = allocateByCodingLength(layers, { unit: 'weightBits', most: 1300 })!;
    const [first, second, third] = widthsOf(found) as [number, number, number];
    expect(first).toBe(second);
    expect(third).toBeGreaterThan(first);
    expect(found.cost).toBeGreaterThan(1100);
    expect(found.cost).toBeLessThanOrEqual(1300);
  });

  it('takes the set with least error of those that cost the same', () => {
    const layers = [layer(0, 100, 1, 1), layer(1, 100, 1, 2), layer(2, 100, 1, 9)].map((each) => (
      { ...each, options: each.options.map((option) => ({ ...option, bytes: 100 })) }
    ));
    expect(widthsOf(allocateByCodingLength(layers, { unit: 'bytes', most: 300 }))).toEqual([6, 7, 8]);
  });

  it('uses fewer widths where three do not keep to the budget', () => {
    const layers = [layer(0, 100, 1, 1), layer(1, 100, 1, 2), layer(2, 100, 1, 9)];
    expect(new Set(widthsOf(allocateByCodingLength(layers, { unit: 'weightBits', most: 2100 }))).size).toBe(3);
    expect(widthsOf(allocateByCodingLength(layers, { unit: 'weightBits', most: 700 }))).toEqual([2, 2, 3]);
    expect(widthsOf(allocateByCodingLength(layers, { unit: 'weightBits', most: 600 }))).toEqual([2, 2, 2]);
    expect(allocateByCodingLength(layers, { unit: 'weightBits', most: 599 })).toBeNull();
  });

  it('takes a layer\'s own widths where it does not have all', () => {
    const whole = layer(0, 100, 1);
    const layers = [{ ...whole, options: whole.options.filter(({ bits }) => bits === 2 || bits === 4 || bits === 'float') }];
    expect(widthsOf(allocateByCodingLength(layers, { unit: 'weightBits', most: 350 }))).toEqual([2]);
    expect(widthsOf(allocateByCodingLength(layers, { unit: 'weightBits', most: 1000 }))).toEqual([4]);
  });
});

describe('allocation by worst SQNR', () => {
  it('takes the least width that reaches it, float where none does', () => {
    const layers = [layer(0, 100, 1), layer(1, 100, 16), layer(2, 100, 1e9)];
    expect(widthsOf(allocateBySqnr(layers, 24, 'weightBits'))).toEqual([4, 6, 'float']);
  });
});
