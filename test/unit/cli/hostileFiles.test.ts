import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { fuzzCase, fuzzSeed } from '../../fuzz/campaign';
import { generatedSeeds, realSeeds } from '../../fuzz/seedModels';
import { useCli } from './runCli';

const MODELS = join(__dirname, '../../../../shared/models');
const CASES = 40;

const shell = useCli();

test.each([
  { models: 'generated', seeds: generatedSeeds },
  ...(existsSync(MODELS) ? [{ models: 'real', seeds: () => realSeeds(MODELS, 1e6) }] : []),
])('the command line ends mutated $models models in a verified copy or one line, and writes nowhere but there', async ({ seeds }) => {
  const sound = seeds().map(fuzzSeed);
  const codes = new Map<number | null, number>();
  for (let number = 0; number < CASES; number++) {
    const { model, external } = fuzzCase(sound, 40, number);
    const [from, to] = [`${number}/in`, `${number}/out`];
    for (const [name, bytes] of [['m.onnx', model], ...external] as const) {
      mkdirSync(dirname(join(shell.folder, from, name)), { recursive: true });
      writeFileSync(join(shell.folder, from, name), bytes);
    }
    mkdirSync(join(shell.folder, to));
    const before = tree(shell.folder);
    const { code, stderr } = await shell.run(['quantize', `${from}/m.onnx`, '-o', `${to}/c.onnx`, '--bits', '4', '--verify']);
    codes.set(code, (codes.get(code) ?? 0) + 1);
    const added = tree(shell.folder).filter((path) => !before.includes(path));
    if (code === 0) expect(added[0]).toBe(`${to}/c.onnx`);
    else {
      expect([1, 2], `case ${number}: ${stderr}`).toContain(code);
      expect(stderr, `case ${number}`).toMatch(/^(quantscope: warning: [^\n]+\n)*quantscope: [^\n]+\n$/);
    }
    const allowed = code === 0 ? [`${to}/c.onnx`, `${to}/c.onnx.data`] : [];
    expect(added.filter((path) => !allowed.includes(path)), `case ${number}`).toEqual([]);
  }
  expect([codes.get(0), codes.get(2)].every((count) => count! > 0)).toBe(true);
});

function tree(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).sort();
}
