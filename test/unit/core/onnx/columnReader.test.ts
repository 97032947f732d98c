import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { memoryFiles } from '../../../../src/core/bytes/memorySource';
import { layerCut } from '../../../../src/core/groups/stripes';
import { layerCodeBuffer } from '../../../../src/core/kernels/stripeBuffers';
import { transposedColumns, type TransposedColumns } from '../../../../src/core/kernels/transposedColumns';
import { indexModel } from '../../../../src/core/onnx/indexModel';
import { weightStripes } from '../../../../src/core/onnx/weightStripes';
import { readWeights } from '../../../../src/core/onnx/weights';
import { quantizeLayer, quantizeStripes } from '../../../../src/core/quantizeLayer';
import { completeSettings } from '../../../../src/core/plan/layerSettings';
import { openModelFiles } from '../../../../src/platform/nodeFiles';
import { buildModel, laplacian } from '../../../fixtures/modelBuilder';

const SHAPES: [name: string, dims: number[], indices: number][] = [
  ['all columns at once', [300, 40], 40],
  ['rows that are no multiple of sixteen, and columns none of four', [307, 43], 43],
  ['stripes, the last one narrower', [260, 90], 36],
  ['stripes that are a small part of each row', [300, 510], 17],
  ['a stack of matrices', [2, 150, 50], 50],
  ['more columns than are turned back at a time', [290, 9001], 9001],
  ['as many columns as sixteen rows of are read at once, and a few more', [17, 32_788], 32_768],
];

describe.each(SHAPES)('columns are read turned, and their codes turned back: %s', (_, dims, indices) => {
  test.each(['float32', 'float16', 'bfloat16'] as const)('%s', (dtype) => {
    const data = laplacian(dims.reduce((a, b) => a * b, 1), 5);
    const { model } = buildModel({ nodes: [], initializers: [{ name: 'w', dims, dtype, form: 'raw', data }] });
    const files = memoryFiles('m.onnx', model);
    const tensor = indexModel(files, 'm.onnx').tensors[0]!;
    const all = readWeights(files, tensor);
    const width = dims.at(-1)!;
    const put = [new Uint8Array(all.length), layerCodeBuffer(all.length)!];
    let seen = 0;
    for (const { stripe, weights } of weightStripes(files, tensor, { axis: dims.length - 1, indices, isByColumn: true }, {})) {
      const turned = weights as TransposedColumns;
      expect(turned.columns).toBe(Math.min(indices, width - seen));
      for (let column = 0; column < turned.columns; column++) {
        const weightsOf = turned.weights(column);
        if (weightsOf.some((w, row) => w !== all[row * width + seen + column])) throw new Error(`column ${seen + column}`);
        turned.codes(column).forEach((__, row, codes) => (codes[row] = (row * 7 + (seen + column) * 3) % 251));
      }
      for (const codes of put) turned.scatter(codes, stripe.start, width);
      seen += turned.columns;
    }
    expect(seen).toBe(width);
    for (const codes of put) expect(codes.findIndex((code, i) => code !== (Math.floor(i / width) * 7 + (i % width) * 3) % 251)).toBe(-1);
  });
});

test.each([
  [[1030, 5000], 'float32'], [[64, 40_000], 'float16'], [[16, 130_000], 'float32'], [[100, 33_000], 'bfloat16'], [[3, 70_000], 'float16'],
  [[5000, 300], 'float32'],
] as const)('a layer of %o %s is quantized to the same codes from a file as in memory', (shape, dtype) => {
  const dims = [...shape];
  const { model } = buildModel({ nodes: [], initializers: [{ name: 'w', dims, dtype, form: 'raw', data: laplacian(dims[0]! * dims[1]!, 6) }] });
  const folder = mkdtempSync(join(tmpdir(), 'quantscope-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'm.onnx');
  writeFileSync(path, model);
  const files = openModelFiles(path);
  onTestFinished(() => files.close());
  const tensor = indexModel(files, path).tensors[0]!;
  const layer = { name: 'w', dims, channelAxis: 1, dtype };
  const settings = completeSettings({ bits: 3, granularity: 'channel', support: 'abs-max' });
  const cut = layerCut(layer, settings.granularity)!;
  expect(cut).toMatchObject({ axis: 1, isByColumn: true });
  const expected = quantizeLayer(readWeights(files, tensor), layer, settings);
  const found = quantizeStripes(weightStripes(files, tensor, cut, {}), layer, settings, { buffer: {} });
  expect(Buffer.compare(found.codes, expected.codes)).toBe(0);
  expect(found.error).toEqual(expected.error);
});

test('stripes of any shape are turned, unless their columns are taller than there is room for', () => {
  for (const rows of [2, 3, 16, 17, 100, 256, 300, 1000, 4096, 16_384, 60_000]) {
    for (const columns of [16, 40, 4096, 70_001, 300_000]) {
      const { indices } = layerCut({ dims: [rows, columns], channelAxis: 1 }, 'channel')!;
      const parts = Math.ceil(columns / indices);
      expect(transposedColumns(rows, indices)?.columns).toBe(indices);
      expect((parts - 1) * indices).toBeLessThan(columns);
    }
  }
  expect(transposedColumns(100, 40_000)).toBeNull();
});
