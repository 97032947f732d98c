import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coreJobs } from '../../../../src/workers/coreJobs';
import { npyHeader } from '../../../../src/core/report/npy';
import { buildModel, laplacian, writeModel, type FixtureTensor } from '../../../fixtures/modelBuilder';

const hasNumpy = spawnSync('python3', ['-c', 'import numpy']).status === 0;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-npy-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const values = [0, -0, 1.5, -2.25, 0.1, 6e-8];

/** A MatMul by the tensor, saved. Returns the file. */
async function saved(tensor: FixtureTensor, sparse = false): Promise<{ path: string; dtype: string }> {
  const { name, dims, dtype } = tensor;
  const built = buildModel({
    initializers: sparse ? [] : [tensor],
    ...(sparse && { sparseInitializers: [{ name, dims, ...(dtype && { dtype }), values: [1.5, -0.25], indices: [1, 4] }] }),
    nodes: [{ op: 'MatMul', inputs: ['x', name], outputs: ['y'] }],
  });
  const path = join(folder, `${name}.npy`);
  const model = writeModel(folder, `${name}.onnx`, built);
  const { dtype: written } = await coreJobs().saveTensor({}, { path: model }, 0, { path, force: [] });
  return { path, dtype: written };
}

/** The array as NumPy reads it. */
function numpyReads(path: string): { dtype: string; shape: number[]; values: number[] } {
  const script = 'import json, sys, numpy; a = numpy.load(sys.argv[1]); '
    + 'print(json.dumps({"dtype": str(a.dtype), "shape": a.shape, "values": a.astype("float64").ravel().tolist()}))';
  const text = execFileSync('python3', ['-c', script, path], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  return JSON.parse(text) as ReturnType<typeof numpyReads>;
}

test.each([
  [[16, 3, 3, 3], '(16, 3, 3, 3)'], [[7], '(7,)'], [[], '()'],
])('the header of shape %j is aligned and says so', (dims, shape) => {
  const header = npyHeader('<f4', dims);
  expect(header.length % 64).toBe(0);
  expect([...header.subarray(0, 8)]).toEqual([0x93, ...Buffer.from('NUMPY'), 1, 0]);
  expect(new DataView(header.buffer).getUint16(8, true)).toBe(header.length - 10);
  expect(Buffer.from(header.subarray(10)).toString()).toMatch(/^\{'descr': '<f4', 'fortran_order': False, 'shape': .* \} *\n$/);
  expect(Buffer.from(header).toString('latin1')).toContain(`'shape': ${shape}, }`);
});

describe.skipIf(!hasNumpy)('NumPy reads what was saved', () => {
  const single = values.map(Math.fround);

  test.each([
    ['float32', 'raw', single], ['float64', 'raw', values], ['float32', 'typed', single], ['float32', 'external', single],
    ['float16', 'raw', [0, -0, 1.5, -2.25, 0.0999755859375, 5.960464477539063e-8]], ['int8', 'raw', [0, 1, -128, 127, 2, 3]],
    ['float16', 'typed', [0, -0, 1.5, -2.25, 0.0999755859375, 5.960464477539063e-8]], ['uint8', 'raw', [0, 1, 255, 128, 2, 3]],
  ] as const)('%s stored as %s', async (dtype, form, expected) => {
    const data = dtype === 'int8' || dtype === 'uint8' ? expected : values;
    const { path, dtype: written } = await saved({ name: `w_${dtype}_${form}`, dims: [2, 3], dtype, form, data });
    expect(numpyReads(path)).toEqual({ dtype, shape: [2, 3], values: expected });
    expect(written).toBe(dtype);
  });

  test('bfloat16 as float32', async () => {
    const { path, dtype } = await saved({ name: 'half', dims: [3, 1], dtype: 'bfloat16', data: [1, -0.5, 3.140625] });
    expect(numpyReads(path)).toEqual({ dtype: 'float32', shape: [3, 1], values: [1, -0.5, 3.140625] });
    expect(dtype).toBe('float32');
  });

  test.each(['float32', 'float16'] as const)('a sparse tensor of %s, dense', async (dtype) => {
    const { path } = await saved({ name: `sparse_${dtype}`, dims: [2, 3], dtype, data: [] }, true);
    expect(numpyReads(path)).toEqual({ dtype, shape: [2, 3], values: [0, 1.5, 0, 0, -0.25, 0] });
  });

  test('more weights than are read at a time', async () => {
    const data = laplacian(300_000, 1);
    const { path } = await saved({ name: 'large', dims: [300_000, 1], data });
    expect(numpyReads(path).values).toEqual([...data]);
  });
});

describe('nothing is written', () => {
  const int4 = { name: 'codes', dims: [2, 2], dtype: 'int4' as const, data: [1, 2, 3, 4] };

  test('of a data type that NumPy lacks', async () => {
    const before = readdirSync(folder);
    await expect(saved(int4)).rejects.toMatchObject({ problem: { code: 'no-numpy-type', detail: { dtype: 'int4' } } });
    expect(readdirSync(folder).filter((name) => !before.includes(name))).toEqual(['codes.onnx']);
  });

  test('over a file that nobody agreed to replace, or over the model', async () => {
    const tensor = { name: 'w', dims: [2, 2], data: [1, 2, 3, 4] };
    writeFileSync(join(folder, 'w.npy'), 'precious');
    await expect(saved(tensor)).rejects.toMatchObject({ problem: { code: 'target-exists' } });
    expect(readFileSync(join(folder, 'w.npy'), 'utf8')).toBe('precious');
    const path = join(folder, 'w.onnx');
    await expect(coreJobs().saveTensor({}, { path }, 0, { path, force: [path] }))
      .rejects.toMatchObject({ problem: { code: 'target-is-source' } });
  });

  test('when it is cancelled', async () => {
    const before = readdirSync(folder).length;
    const [model, target] = [{ path: join(folder, 'w.onnx') }, { path: join(folder, 'no.npy'), force: [] }];
    await expect(coreJobs().saveTensor({ signal: { aborted: true } }, model, 0, target))
      .rejects.toMatchObject({ problem: { code: 'cancelled' } });
    expect(readdirSync(folder)).toHaveLength(before);
  });
});
