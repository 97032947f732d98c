import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { buildModel, laplacian, writeModel, type FixtureGraph } from '../../fixtures/modelBuilder';
import { useCli, type Finished } from './runCli';

const shell = useCli();
const cli = (line: string): Promise<Finished> => shell.run(line.split(' '));

type Named = Record<'name' | 'scope', unknown>;
const report = ({ stdout }: Finished): { layers: Named[]; skipped: Named[] } => JSON.parse(stdout) as { layers: Named[]; skipped: Named[] };

describe('layers of one name in two subgraphs', () => {
  const KEYS = ['choose.then_branch::w', 'choose.else_branch::w'] as const;

  beforeEach(() => {
    const broken = laplacian(64 * 48, 2);
    broken[17] = NaN;
    const branch = (name: string, data: Float32Array): { graph: FixtureGraph } => ({ graph: {
      name, outputs: [{ name, dims: ['batch', 48] }],
      initializers: [{ name: 'w', dims: [64, 48], data }],
      nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: [name] }],
    } });
    writeModel(shell.folder, 'branches.onnx', buildModel({
      inputs: [{ name: 'x', dims: ['batch', 64] }, { name: 'c', dims: [], dtype: 'bool' }],
      outputs: [{ name: 'y', dims: ['batch', 48] }],
      nodes: [{
        op: 'If', name: 'choose', inputs: ['c'], outputs: ['y'],
        attributes: { then_branch: branch('t', laplacian(64 * 48, 1)), else_branch: branch('e', broken) },
      }],
    }));
  });

  test('are told apart as a plan does', async () => {
    const { layers, skipped } = report(await cli('preview branches.onnx --json'));
    expect([...layers, ...skipped].map(({ name, scope }) => `${String(scope)}::${String(name)}`)).toEqual(KEYS);
    const { stdout } = await cli('quantize branches.onnx -o out.onnx');
    expect(stdout).toMatch(/^choose\.then_branch::w +uniform /m);
    expect(stdout).toMatch(/^ {2}choose\.else_branch::w: it contains NaN or infinite weights$/m);
    writeFileSync(join(shell.folder, 'plan.json'), JSON.stringify({ version: 1, model: 'branches.onnx', layers: { [KEYS[0]]: { bits: 3 } } }));
    expect(report(await cli('preview branches.onnx --plan plan.json --json')).layers).toMatchObject([{ name: 'w', bits: 3 }]);
    const allocated = report(await cli('allocate branches.onnx --plan plan.json -o p.json --average-bits 20 --json'));
    expect([...allocated.layers, ...allocated.skipped].map(({ name }) => name)).toEqual(KEYS);
  });

  test('get no table where nothing of them is quantized', async () => {
    const { code, stdout } = await cli(`preview branches.onnx --layers ${KEYS[1]}`);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^0 of 2 layers quantized: /);
    expect(stdout).not.toContain('Predicted dB');
  });
});
