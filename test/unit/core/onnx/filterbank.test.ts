import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { memoryFiles } from '../../../../src/core/bytes/memorySource';
import { indexModel } from '../../../../src/core/onnx/indexModel';
import { openModelFiles } from '../../../../src/platform/nodeFiles';
import { buildModel, laplacian, seededRandom, type FixtureTensor } from '../../../fixtures/modelBuilder';

const [BINS, BANDS] = [128, 24];

/** Triangles that overlap by half, wider with every band. */
function triangles(): Float32Array {
  const centre = (band: number): number => BINS * ((band + 1) / (BANDS + 1)) ** 2;
  return Float32Array.from({ length: BINS * BANDS }, (_, i) => {
    const [bin, band] = [Math.floor(i / BANDS), i % BANDS];
    const [low, middle, high] = [centre(band - 1), centre(band), centre(band + 1)];
    return Math.max(0, bin < middle ? (bin - low) / (middle - low) : (high - bin) / (high - middle));
  });
}

function isFixed(data: Float32Array, more: Partial<FixtureTensor> = {}, op = 'MatMul'): boolean {
  const tensor = { name: 'onnx::MatMul_7', dims: [BINS, BANDS], data, ...more };
  const { model, external } = buildModel({
    inputs: [{ name: 'x', dims: [1, BINS] }], outputs: [], initializers: [tensor],
    nodes: [{ op, inputs: op === 'Gather' ? [tensor.name, 'x'] : ['x', tensor.name], outputs: ['y'] }],
  });
  return indexModel(memoryFiles('m', model, external), 'm').layers[0]!.fixed === true;
}

describe('a filterbank', () => {
  it.each(['raw', 'typed'] as const)('is known by its values, whatever its name: %s', (form) => {
    for (const dtype of ['float32', 'float16', 'float64'] as const) expect(isFixed(triangles(), { form, dtype })).toBe(true);
  });

  it('is known the other way round', () => {
    const bank = triangles();
    const inverse = Float32Array.from(bank, (_, i) => bank[(i % BINS) * BANDS + Math.floor(i / BINS)]!);
    expect(isFixed(inverse, { dims: [BANDS, BINS] })).toBe(true);
  });

  it('is not what is learned: of both signs, pruned, of many values above 0, or constant', () => {
    const random = seededRandom(3);
    const learned = laplacian(BINS * BANDS, 1);
    expect(isFixed(learned)).toBe(false);
    expect(isFixed(learned.map((weight) => (random() < 0.9 ? 0 : weight)))).toBe(false);
    expect(isFixed(learned.map(Math.abs))).toBe(false);
    expect(isFixed(learned.map((weight) => Math.max(0.001, weight)))).toBe(false);
    expect(isFixed(learned.fill(0))).toBe(false);
    expect(isFixed(triangles().fill(NaN, 2000, 2001))).toBe(false);
  });

  it('is a matrix that multiplies', () => {
    expect(isFixed(triangles(), {}, 'Gather')).toBe(false);
    expect(isFixed(triangles(), { dims: [BINS, BANDS / 2, 2] })).toBe(false);
  });
});

const GTCRN = join(resolve(import.meta.dirname, '../../../../../shared/models'), 'gtcrn.onnx');

describe.skipIf(!existsSync(GTCRN))('gtcrn', () => {
  it('has its ERB filters and their inverse left out by default', () => {
    const files = openModelFiles(GTCRN);
    const fixed = indexModel(files, GTCRN).layers.filter((layer) => layer.fixed);
    files.close();
    expect(fixed.map(({ name, dims }) => [name, ...dims])).toEqual([['onnx::MatMul_3414', 192, 64], ['onnx::MatMul_3932', 64, 192]]);
  });
});
