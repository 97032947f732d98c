import { describe, expect, test } from 'vitest';
import { fitInputs } from '../../../../src/runtime/inputs/fitInputs';
import type { InputArray, InputValues } from '../../../../src/runtime/inputs/inputArray';
import { randomInputs } from '../../../../src/runtime/inputs/randomInputs';
import type { RuntimeValue } from '../../../../src/runtime/runtime';
import { problemOf } from '../../../fixtures/problemOf';

const input = (shape: (number | string)[], type: RuntimeValue['type'] = 'float32', name = 'x'): RuntimeValue => ({ name, type, shape });
const array = (dims: number[], values?: InputValues, extra: Partial<InputArray> = {}): InputArray => ({
  name: null, dims, pixels: false,
  values: values ?? Float32Array.from({ length: dims.reduce((product, dim) => product * dim, 1) }, (_, i) => i), ...extra,
});
const misfit = (run: () => unknown): unknown => {
  const { code, detail } = problemOf(run);
  expect(code).toBe('inputs-invalid');
  return detail.message;
};

describe('samples', () => {
  test.each<[number[], (number | string)[], number[]]>([
    [[4, 28, 28], ['batch', 1, 28, 28], [4, 1, 28, 28]],
    [[4, 28, 28], ['batch', 784], [4, 784]],
    [[4, 784], [-1, 1, 28, 28], [4, 1, 28, 28]],
    [[4, 28, 28, 1], ['batch', 1, 28, 28], [4, 1, 28, 28]],
    [[28, 28], [1, 1, 28, 28], [1, 1, 28, 28]],
    [[2, 7, 5], ['batch', 'time', 5], [2, 7, 5]],
    [[4], ['batch', 1], [4, 1]],
  ])('of %j in the shape of %j', (dims, shape, expected) => {
    const fitted = fitInputs([array(dims)], [input(shape)]);
    const { x } = fitted.feeds(0);
    expect(x!.dims).toEqual(expected);
    expect(x!.data).toEqual(array(dims).values);
    expect([fitted.samples, fitted.runs]).toEqual([expected[0], 1]);
  });

  test.each<[number[], (number | string)[], RegExp]>([
    [[10, 32, 32, 3], ['batch', 3, 32, 32], /10x32x32x3 does not fit .* batchx3x32x32$/],
    [[10, 28, 28], ['batch', 27, 28], /does not fit/],
    [[10, 5], ['batch', 'time', 5], /does not fit/],
    [[3, 4], [8, 4], /3 samples, and the model takes 8 at a time/],
    [[0, 4], ['batch', 4], /0 samples/],
    [[], ['batch', 4], /an array of one number does not fit/],
    [[0, 4], [0, 4], /takes no samples: its input "x" is of 0x4/],
  ])('of %j do not go into %j', (dims, shape, message) => {
    expect(misfit(() => fitInputs([array(dims)], [input(shape)]))).toMatch(message);
  });

  test('that would fit with their axes in another order are refused with that order', () => {
    const detail = (dims: number[]): unknown => problemOf(() => fitInputs([array(dims)], [input(['batch', 3, 32, 32])])).detail;
    expect(detail([10, 32, 32, 3])).toHaveProperty('layouts', 'nhwc');
    expect(detail([10, 32, 32, 4])).not.toHaveProperty('layouts');
  });

  test('are given as many at a time as the model takes, none left over but those that make no full run', () => {
    const open = fitInputs([array([150, 2])], [input(['batch', 2])]);
    expect([open.samples, open.runs, ...[0, 1, 2].map((run) => open.feeds(run)['x']!.dims[0])]).toEqual([150, 3, 64, 64, 22]);
    expect(open.feeds(2)['x']!.data).toEqual(Float32Array.from({ length: 44 }, (_, i) => 256 + i));
    const fixed = fitInputs([array([7, 2])], [input([3, 2])]);
    expect([fixed.samples, fixed.runs, fixed.feeds(1)['x']!.data]).toEqual([6, 2, Float32Array.of(6, 7, 8, 9, 10, 11)]);
  });
});

describe('values', () => {
  test('of pixels are fractions for floats and stay for integers', () => {
    const pixels = array([1, 2], Uint8Array.of(0, 255), { pixels: true });
    expect(fitInputs([pixels], [input(['n', 2])]).feeds(0)['x']!.data).toEqual(Float32Array.of(0, 1));
    expect(fitInputs([pixels], [input(['n', 2], 'uint8')]).feeds(0)['x']!.data).toEqual(Uint8Array.of(0, 255));
    expect(fitInputs([pixels], [input(['n', 2])], { scale: 2 }).feeds(0)['x']!.data).toEqual(Float32Array.of(0, 510));
  });

  test('are converted to the type of the input', () => {
    const ids = array([1, 2], BigInt64Array.of(7n, -8n));
    expect(fitInputs([ids], [input(['n', 2], 'int64')]).feeds(0)['x']!.data).toEqual(BigInt64Array.of(7n, -8n));
    expect(fitInputs([ids], [input(['n', 2], 'float16')]).feeds(0)['x']!.data).toEqual(Uint16Array.of(0x4700, 0xc800));
    expect(misfit(() => fitInputs([ids], [input(['n', 2], 'uint8')]).feeds(0))).toBe('the model takes uint8, which cannot hold -8');
    const half = array([1, 1], Float32Array.of(0.5));
    expect(misfit(() => fitInputs([half], [input(['n', 1], 'int64')]).feeds(0))).toBe('the model takes int64, which cannot hold 0.5');
    expect(misfit(() => fitInputs([half], [input(['n', 1], 'string')]).feeds(0))).toMatch(/type string/);
  });
});

describe('images', () => {
  /** Two images of 2 × 3 pixels in 4 channels; a value tells image, row, column and channel. */
  const values = (order: (image: number, row: number, column: number, channel: number) => number): Float32Array => {
    const result = new Float32Array(48);
    for (let image = 0; image < 2; image++) for (let row = 0; row < 2; row++) for (let column = 0; column < 3; column++) {
      for (let channel = 0; channel < 4; channel++) {
        result[order(image, row, column, channel)] = 1000 * image + 100 * row + 10 * column + channel;
      }
    }
    return result;
  };
  const nhwc = array([2, 2, 3, 4], values((n, h, w, c) => 24 * n + 12 * h + 4 * w + c));
  const nchw = array([2, 4, 2, 3], values((n, h, w, c) => 24 * n + 6 * c + 3 * h + w));

  test('with channels last become images with channels first, and back', () => {
    const first = fitInputs([nhwc], [input(['n', 4, 2, 3])], { layout: 'nhwc' }).feeds(0)['x']!;
    expect(first).toMatchObject({ dims: [2, 4, 2, 3], data: nchw.values });
    const last = fitInputs([nchw], [input(['n', 2, 3, 4])], { layout: 'nchw' }).feeds(0)['x']!;
    expect(last).toMatchObject({ dims: [2, 2, 3, 4], data: nhwc.values });
  });

  test('that fit as they are stay, whatever is said of them', () => {
    expect(fitInputs([nhwc], [input(['n', 2, 3, 4])], { layout: 'nhwc' }).feeds(0)['x']!.data).toEqual(nhwc.values);
  });
});

describe('several inputs', () => {
  const inputs = [input(['n', 2], 'float32', 'x'), input(['n'], 'int64', 'ids')];

  test('are given by name, else in order', () => {
    const named = [array([3], undefined, { name: 'ids' }), array([3, 2], undefined, { name: 'x' }), array([9], undefined, { name: 'y' })];
    expect(Object.entries(fitInputs(named, inputs).feeds(0)).map(([name, { dims }]) => [name, dims])).toEqual([['x', [3, 2]], ['ids', [3]]]);
    const ordered = [array([3, 2], undefined, { name: 'a' }), array([3], undefined, { name: 'b' })];
    expect(fitInputs(ordered, inputs).feeds(0)['ids']!.dims).toEqual([3]);
  });

  test('must all be given', () => {
    expect(misfit(() => fitInputs([array([3, 2], undefined, { name: 'x' })], inputs)))
      .toBe('the model takes x, ids, and its arrays are x');
    expect(misfit(() => fitInputs([array([3, 2])], inputs)))
      .toBe('the model takes x, ids, which are told apart by names: of these files, .npz alone has names');
  });

  test('must have as many samples, or enough for one run, which is used again', () => {
    const [x, ids] = [array([130, 2], undefined, { name: 'x' }), array([70], undefined, { name: 'ids' })];
    for (const options of [{}, { samples: 8 }]) {
      expect(misfit(() => fitInputs([x, ids], inputs, options))).toBe('its arrays have different numbers of samples, x 130 and ids 70');
    }
    const [fixed, few] = [[input([3, 2]), input([3], 'int64', 'ids')], array([7], undefined, { name: 'ids' })];
    expect(misfit(() => fitInputs([array([8, 2], undefined, { name: 'x' }), few], fixed))).toMatch(/samples, x 8 and ids 7$/);
    const apart = [inputs[0]!, input(['time'], 'float32', 'ids')];
    expect(fitInputs([array([8, 2], undefined, { name: 'x' }), few], apart).feeds(0)['ids']!.dims).toEqual([7]);
    const one = array([1], undefined, { name: 'ids' });
    expect(fitInputs([x, one], inputs).feeds(2)['ids']!.dims).toEqual([1]);
    const state = input([2, 'n'], 'float32', 'ids');
    expect(fitInputs([x, array([2, 5], undefined, { name: 'ids' })], [inputs[0]!, state]).feeds(2)['ids']!.dims).toEqual([2, 5]);
  });

  test('of a model that has none are run once', () => {
    const { samples, runs, unused, feeds } = fitInputs([array([3], undefined, { name: 'ids' })], []);
    expect([samples, runs, unused, feeds(0)]).toEqual([1, 1, ['ids'], {}]);
  });

  test('a scalar takes one value', () => {
    expect(fitInputs([array([1])], [input([])]).feeds(0)['x']!.dims).toEqual([]);
  });
});

describe('random inputs', () => {
  test('are the same for the same seed, within their range, with open dimensions 1', () => {
    const inputs = [input(['n', 3, -1]), input([4], 'int64', 'ids')];
    const [x, ids] = randomInputs(inputs, 5);
    expect(randomInputs(inputs, 5)).toEqual([x, ids]);
    expect(randomInputs(inputs, 6)).not.toEqual([x, ids]);
    expect([x!.dims, ids!.dims]).toEqual([[1, 3, 1], [4]]);
    expect([...x!.values].every((value) => value >= 0 && value < 1)).toBe(true);
    expect([...ids!.values].every((value) => value === 0 || value === 1)).toBe(true);
    expect(fitInputs([x!, ids!], inputs).runs).toBe(1);
  });

  test('cannot be made of text', () => {
    expect(misfit(() => randomInputs([input([1], 'string')], 1))).toMatch(/input x takes no numbers/);
  });
});
