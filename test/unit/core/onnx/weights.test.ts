import { describe, expect, test } from 'vitest';
import { memoryFiles } from '../../../../src/core/bytes/memorySource';
import { indexModel } from '../../../../src/core/onnx/indexModel';
import { weightStripes, type WeightBuffer } from '../../../../src/core/onnx/weightStripes';
import { readWeights, weightChunks } from '../../../../src/core/onnx/weights';
import { inMemory, type WeightSource } from '../../../../src/core/statistics/weightSource';
import { buildModel, laplacian, type FixtureModel } from '../../../fixtures/modelBuilder';
import { problemOf } from '../../../fixtures/problemOf';
import type { FixtureType } from '../../../fixtures/tensorBytes';
import { MATMUL_BY_W, concat, initializerOf, integer, message, modelOf, tag } from '../../../fixtures/wireBytes';

const DIMS = [7, 11];
const weights = laplacian(77, 5);

function open(model: Uint8Array, external = new Map<string, Uint8Array>()) {
  const files = memoryFiles('m.onnx', model, external);
  return { files, tensor: indexModel(files, 'm.onnx').tensors[0]! };
}

function openFixture(fixture: Partial<FixtureModel>) {
  const built = buildModel({ nodes: [], ...fixture });
  return open(built.model, built.external);
}

/** What a type keeps of a weight, by arithmetic rather than by bits. */
function rounded(dtype: FixtureType): Float32Array | Float64Array {
  if (dtype === 'float64') return Float64Array.from(weights);
  if (dtype === 'float32') return weights;
  if (dtype === 'bfloat16') {
    return weights.map((w) => {
      const step = 2 ** (Math.floor(Math.log2(Math.abs(w))) - 7);
      return Math.trunc(w / step) * step;
    });
  }
  return weights.map((w) => {
    const step = 2 ** (Math.max(-14, Math.floor(Math.log2(Math.abs(w)))) - 10);
    return Math.round(w / step) * step;
  });
}

describe('every float type in every form', () => {
  const types: FixtureType[] = ['float32', 'float16', 'bfloat16', 'float64'];
  const forms = ['raw', 'typed', 'external'] as const;
  test.each(types.flatMap((dtype) => forms.map((form) => [dtype, form] as const)))('%s, %s', (dtype, form) => {
    const { files, tensor } = openFixture({ initializers: [{ name: 'w', dims: DIMS, dtype, form, data: weights }] });
    expect(tensor.storage.form).toBe(form);
    expect(readWeights(files, tensor)).toEqual(rounded(dtype));
  });

  test.each(types)('%s in stripes', (dtype) => {
    const { files, tensor } = openFixture({ initializers: [{ name: 'w', dims: DIMS, dtype, form: 'raw', data: weights }] });
    const room: WeightBuffer = {};
    const [rows, columns] = DIMS as [number, number];
    const all = rounded(dtype);
    for (const [axis, indices] of [[0, 1], [0, 3], [0, rows], [1, 1], [1, 4], [1, columns]] as const) {
      let seen = 0;
      for (const { stripe, weights: run } of weightStripes(files, tensor, { axis, indices }, room)) {
        const from = (row: number, column: number): number => (
          axis === 0 ? (stripe.start + row) * columns + column : row * columns + stripe.start + column
        );
        const some = inMemory(run as WeightSource);
        expect(stripe).toMatchObject({ axis, start: seen });
        expect([...some]).toEqual(Array.from(some, (_, i) => all[from(Math.floor(i / stripe.dims[1]!), i % stripe.dims[1]!)]));
        seen += stripe.dims[axis]!;
      }
      expect(seen).toBe(DIMS[axis]);
    }
  });

  test('external data at an odd offset', () => {
    const built = buildModel({
      nodes: [],
      initializers: [
        { name: 'odd', dims: [3], dtype: 'uint8', data: [1, 2, 3], form: 'external' },
        { name: 'w', dims: DIMS, data: weights, form: 'external' },
      ],
    });
    const files = memoryFiles('m.onnx', built.model, built.external);
    const tensor = indexModel(files, 'm.onnx').tensors[1]!;
    expect(tensor.storage.spans[0]!.offset).toBe(3);
    expect(readWeights(files, tensor)).toEqual(weights);
  });
});

describe('typed fields as older writers wrote them', () => {
  const bytes = new Uint8Array(weights.buffer);
  const dims = concat(integer(1, 7), integer(1, 11));

  test('unpacked floats: a tag before each', () => {
    const fields = Array.from(weights, (_, i) => concat(tag(4, 5), bytes.subarray(4 * i, 4 * i + 4)));
    const { files, tensor } = open(modelOf(MATMUL_BY_W, initializerOf(dims, integer(2, 1), ...fields)));
    expect(tensor.storage).toMatchObject({ form: 'typed', packed: false, spans: [{ length: 77 * 5 }] });
    expect(readWeights(files, tensor)).toEqual(weights);
  });

  test('unpacked doubles with another field among them', () => {
    const doubles = new Uint8Array(Float64Array.from(weights).buffer);
    const fields = Array.from(weights, (_, i) => concat(tag(10, 1), doubles.subarray(8 * i, 8 * i + 8)));
    fields.splice(40, 0, integer(1000, 1));
    const { files, tensor } = open(modelOf(MATMUL_BY_W, initializerOf(dims, integer(2, 11), ...fields)));
    expect(tensor.storage.spans).toHaveLength(2);
    expect(readWeights(files, tensor)).toEqual(Float64Array.from(weights));
  });

  test('packed floats in two pieces', () => {
    const { files, tensor } = open(modelOf(MATMUL_BY_W, initializerOf(
      dims, integer(2, 1), message(4, bytes.subarray(0, 100)), message(4, bytes.subarray(100)),
    )));
    expect(readWeights(files, tensor)).toEqual(weights);
  });

  test('half floats as unpacked integers, one of them sign-extended to 64 bits', () => {
    // 0xFFFFFFFFFFFFC000: float16 bits 0xC000 held in a signed integer.
    const minusTwo = Uint8Array.of(0x80, 0x80, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1);
    const { files, tensor } = open(modelOf(MATMUL_BY_W, initializerOf(
      integer(1, 3), integer(1, 1), integer(2, 10), integer(5, 0x3c00), concat(tag(5, 0), minusTwo), integer(5, 0x3800),
    )));
    expect([...readWeights(files, tensor)]).toEqual([1, -2, 0.5]);
  });
});

test('every float16 bit pattern has its IEEE 754 value', () => {
  const patterns = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const { files, tensor } = open(modelOf(MATMUL_BY_W, initializerOf(
    integer(1, 256), integer(1, 256), integer(2, 10), message(9, new Uint8Array(patterns.buffer)),
  )));
  const values = readWeights(files, tensor);
  patterns.forEach((bits) => {
    const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
    const finite = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
    const value = exponent < 31 ? sign * finite : fraction === 0 ? sign * Infinity : NaN;
    if (!Object.is(values[bits], value)) expect(values[bits]).toBe(value);
  });
});

describe('weights in pieces', () => {
  test.each(['raw', 'typed', 'external'] as const)('%s: pieces of any size make the whole', (form) => {
    for (const dtype of ['float32', 'float16', 'float64'] as const) {
      const { files, tensor } = openFixture({ initializers: [{ name: 'w', dims: DIMS, dtype, form, data: weights }] });
      for (const size of [1, 10, 77, 78, 1000]) {
        const pieces = [...weightChunks(files, tensor, undefined, size)];
        expect(pieces.map(({ length }) => length)).toEqual(
          Array.from({ length: Math.ceil(77 / size) }, (_, i) => Math.min(size, 77 - i * size)),
        );
        expect(pieces.flatMap((piece) => [...piece])).toEqual([...readWeights(files, tensor)]);
      }
    }
  });

  test('pieces stay as they are when the next one is read', () => {
    const weight = { name: 'w', dims: DIMS, dtype: 'float16', form: 'typed', data: weights } as const;
    const { files, tensor } = openFixture({ initializers: [weight] });
    const [first] = weightChunks(files, tensor, undefined, 10);
    const kept = [...first!];
    Array.from(weightChunks(files, tensor, undefined, 10));
    expect([...first!]).toEqual(kept);
  });
});

describe('sparse initializers', () => {
  const dense = new Float32Array(12);
  dense[1] = 0.5;
  dense[7] = -2;
  dense[11] = 3;

  test.each([
    ['linear indices', false, [1, 7, 11]],
    ['coordinates', true, [0, 1, 1, 3, 2, 3]],
  ])('%s', (_, rank2Indices, indices) => {
    const { files, tensor } = openFixture({
      sparseInitializers: [{ name: 'w', dims: [3, 4], values: [0.5, -2, 3], indices, rank2Indices }],
    });
    expect(tensor).toMatchObject({ name: 'w', dims: [3, 4], elements: 12, holder: 'sparse', storage: { form: 'sparse' } });
    expect(readWeights(files, tensor)).toEqual(dense);
    expect([...weightChunks(files, tensor, undefined, 5)].map((piece) => [...piece])).toEqual([
      [...dense.subarray(0, 5)], [...dense.subarray(5, 10)], [...dense.subarray(10)],
    ]);
  });

  test.each([
    ['beyond the end', false, [1, 7, 12]],
    ['below zero', false, [1, -1, 2]],
    ['beyond its axis', true, [0, 1, 1, 4, 2, 3]],
  ])('an index %s is refused', (_, rank2Indices, indices) => {
    const { files, tensor } = openFixture({
      sparseInitializers: [{ name: 'w', dims: [3, 4], values: [0.5, -2, 3], indices, rank2Indices }],
    });
    expect(problemOf(() => readWeights(files, tensor)).code).toBe('malformed');
  });
});
