import { describe, expect, it } from 'vitest';
import { plainInputs } from '../../../../src/runtime/inputs/plainInputs';
import type { RuntimeValue } from '../../../../src/runtime/runtime';

const input = (name: string, type: RuntimeValue['type'], shape: RuntimeValue['shape']): RuntimeValue => ({ name, type, shape });

describe('plainInputs', () => {
  it('are of the declared types: floats small and always the same, integers 0, truth values false', () => {
    const inputs = [
      input('x', 'float32', [1, 9]), input('h', 'float16', [2]), input('ids', 'int64', [1, 3]), input('mask', 'bool', [2]), input('rate', 'int32', []),
    ];
    expect(plainInputs(inputs)).toEqual([{
      x: { type: 'float32', dims: [1, 9], data: Float32Array.of(0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0, 0.125) },
      h: { type: 'float16', dims: [2], data: Uint16Array.of(0, 0x3000) },
      ids: { type: 'int64', dims: [1, 3], data: BigInt64Array.of(0n, 0n, 0n) },
      mask: { type: 'bool', dims: [2], data: Uint8Array.of(0, 0) },
      rate: { type: 'int32', dims: [], data: Int32Array.of(0) },
    }]);
  });

  it.each([
    [['batch', 3, 'h', -1], [[1, 3, 1, 1], [1, 3, 64, 64]]],
    [['', 8], [[1, 8]]],
    [[4, 0], [[4, 0]]],
  ])('of shape %o have dims %o, the smallest first', (shape, dims) => {
    expect(plainInputs([input('x', 'float32', shape)]).map(({ x }) => x!.dims)).toEqual(dims);
  });

  it('are one run for a model that takes none', () => {
    expect(plainInputs([])).toEqual([{}]);
  });

  it.each<[string, RuntimeValue]>([
    ['strings', input('s', 'string', [1])], ['no tensor', input('s', null, [])], ['numbers of 4 bits', input('s', 'int4', [2])],
    ['an image of 641 × 640', input('s', 'float32', [1, 3, 641, 640])],
  ])('cannot be made for a model that takes %s, whatever else it takes', (_, odd) => {
    expect(plainInputs([input('x', 'float32', [1]), odd])).toEqual([]);
  });

  it('leave out sizes at which an open dimension has too many', () => {
    expect(plainInputs([input('x', 'float32', [1, 1024, 'h', 'w'])]).map(({ x }) => x!.dims)).toEqual([[1, 1024, 1, 1]]);
  });
});
