import { describe, expect, it } from 'vitest';
import { errorMeasures, relativeNoise, sqnrDb } from '../../../../src/core/metrics/errorMeasures';
import { addErrors, noErrors } from '../../../../src/core/metrics/errorSums';

const NOTHING = { signal: 1, noise: 0.1 };

describe('error measures', () => {
  it('follow their definitions over everything added', () => {
    const sums = noErrors();
    addErrors(sums, Float64Array.of(1, -2), Uint8Array.of(1, 0), Float32Array.of(-1, 0.5));
    addErrors(sums, Float64Array.of(3), Uint8Array.of(2), Float32Array.of(0, 0, 3.25));
    const error = errorMeasures(sums, NOTHING);
    const noise = 0.25 + 1 + 0.0625;
    expect(sums).toMatchObject({ count: 3, signal: 14, noise });
    expect(error.mse).toBe(noise / 3);
    expect(error.sqnrDb).toBe(10 * Math.log10(14 / noise));
    expect(error.predictedSqnrDb).toBeCloseTo(10, 12);
    expect(error.maxAbsError).toBe(1);
    expect(error.cosine).toBeCloseTo((0.5 + 2 + 9.75) / Math.sqrt(14 * (0.25 + 1 + 3.25 ** 2)), 12);
  });

  it('have limits where nothing is lost or nothing is left', () => {
    const exact = noErrors();
    addErrors(exact, new Float32Array(2), Uint8Array.of(0, 0), Float32Array.of(0));
    expect(errorMeasures(exact, NOTHING)).toMatchObject({ mse: 0, sqnrDb: Infinity, cosine: 1, maxAbsError: 0 });
    const lost = noErrors();
    addErrors(lost, Float32Array.of(1, 1), Uint8Array.of(0, 0), Float32Array.of(0));
    expect(errorMeasures(lost, NOTHING)).toMatchObject({ mse: 1, sqnrDb: 0, cosine: 0 });
  });

  it('tell zeros that come out next to zero from those that become something', () => {
    expect(sqnrDb(0, 4096 * 2 ** -252)).toBe(Infinity);
    expect(relativeNoise({ signal: 0, noise: 4096 * 2 ** -252 })).toBe(0);
    expect(sqnrDb(0, 1e-20)).toBe(-Infinity);
    expect(relativeNoise({ signal: 0, noise: 1e-20 })).toBe(Infinity);
    expect(sqnrDb(2 ** -250, 2 ** -252)).toBeCloseTo(6.02, 2);
  });

  it('take the raw second moment as signal', () => {
    expect(sqnrDb(100, 1)).toBe(20);
  });
});
