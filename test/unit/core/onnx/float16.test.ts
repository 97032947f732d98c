import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromFloat16Bits, toFloat16Bits } from '../../../../src/core/onnx/float16';

describe('float16', () => {
  it('decodes the landmarks of IEEE 754 binary16', () => {
    expect(fromFloat16Bits(0x3c00)).toBe(1);
    expect(fromFloat16Bits(0xc000)).toBe(-2);
    expect(fromFloat16Bits(0x7bff)).toBe(65504);
    expect(fromFloat16Bits(0x0400)).toBe(2 ** -14);
    expect(fromFloat16Bits(0x0001)).toBe(2 ** -24);
    expect(fromFloat16Bits(0x03ff)).toBe(1023 * 2 ** -24);
    expect(fromFloat16Bits(0x8000)).toBe(-0);
    expect(fromFloat16Bits(0xfc00)).toBe(-Infinity);
    expect(fromFloat16Bits(0x7c01)).toBeNaN();
  });

  it('returns every pattern to itself', () => {
    const patterns = Array.from({ length: 0x10000 }, (_, bits) => bits).filter((bits) => !Number.isNaN(fromFloat16Bits(bits)));
    expect(patterns.filter((bits) => toFloat16Bits(fromFloat16Bits(bits)) !== bits)).toEqual([]);
    expect(patterns).toHaveLength(0x10000 - 2 * 1023);
    expect(fromFloat16Bits(toFloat16Bits(NaN))).toBeNaN();
  });

  it('rounds halves to even, and what lies past the last half to infinity', () => {
    expect(toFloat16Bits(1 + 2 ** -11)).toBe(0x3c00);
    expect(toFloat16Bits(1 + 3 * 2 ** -11)).toBe(0x3c02);
    expect(toFloat16Bits(2 ** -25)).toBe(0);
    expect(toFloat16Bits(3 * 2 ** -25)).toBe(2);
    expect(toFloat16Bits(2 - 2 ** -12)).toBe(0x4000);
    expect(toFloat16Bits(65519.99)).toBe(0x7bff);
    expect(toFloat16Bits(-65520)).toBe(0xfc00);
  });

  it('picks the nearest of its neighbours', () => {
    fc.assert(fc.property(fc.double({ min: -65504, max: 65504, noNaN: true }), (x) => {
      const bits = toFloat16Bits(x);
      const error = Math.abs(fromFloat16Bits(bits) - x);
      for (const neighbour of [bits - 1, bits + 1]) {
        const value = fromFloat16Bits(neighbour & 0xffff);
        if (Number.isFinite(value)) expect(error).toBeLessThanOrEqual(Math.abs(value - x));
      }
    }));
  });
});
