import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { describe, expect, it } from 'vitest';

const repository = join(import.meta.dirname, '../..');

/** Of the core, what the extension host's thread may run: what works on names, settings and a few numbers a layer. */
const ALLOWED_CORE = new RegExp(`^src/core/(${[
  'plan/\\w+', 'onnx/(layer|dataType|externalFile)', 'errors', 'groups/layerGroups', 'encodings/copyFormat',
  'metrics/(decibelText|errorMeasures|gain)', 'statistics/quantileSketch', 'allocation/(allocateBits|endLayers|layerOptions)', 'report/\\w+',
].join('|')})\\.ts$`);

/** What is bundled into a script, tree-shaken as in the product, and what our own files leave outside. */
function contentsOf(entry: string): { own: string[]; packages: Set<string>; external: Set<string> } {
  const { metafile } = buildSync({
    absWorkingDir: repository,
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    external: ['vscode', 'onnxruntime-node', 'onnxruntime-web'],
    metafile: true,
    write: false,
    outdir: 'dist',
    logLevel: 'error',
  });
  const [output] = Object.values(metafile.outputs);
  const used = Object.entries(output!.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file);
  const packageOf = (file: string): string | undefined => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
  const own = used.filter((file) => packageOf(file) === undefined);
  return {
    own,
    packages: new Set(used.flatMap((file) => packageOf(file) ?? [])),
    external: new Set(own.flatMap((file) => metafile.inputs[file]!.imports).flatMap(({ path, external }) => external ? path : [])),
  };
}

/** They take a millisecond or more to load; `fs.promises` and the global `crypto` load the same on first use. */
const SLOW_MODULES = ['node:crypto', 'node:fs/promises'];

it.each(['src/cli/main.ts', 'src/workers/coreWorker.ts'])('%s starts without the modules of Node that are slow to load', (entry) => {
  expect([...contentsOf(entry).external].filter((name) => SLOW_MODULES.includes(name))).toEqual([]);
});

describe('the extension host is never held up by work on models, since', () => {
  const extension = contentsOf('src/extension.ts');
  const worker = contentsOf('src/workers/coreWorker.ts');

  it('code that reads, measures or quantizes models is in the worker', () => {
    const core = (files: string[]): string[] => files.filter((file) => file.startsWith('src/core/'));
    expect(core(extension.own).filter((file) => !ALLOWED_CORE.test(file))).toEqual([]);
    expect(core(worker.own)).toEqual(expect.arrayContaining(
      ['onnx/indexModel', 'onnx/writeCopy', 'statistics/layerStatistics', 'quantizeLayer'].map((name) => `src/core/${name}.ts`),
    ));
  });

  it('so are the packages for it, and ONNX Runtime', () => {
    expect([...extension.packages].sort()).toEqual(['@vscode/l10n', 'birpc', 'valibot']);
    expect(extension.own.filter((file) => file.startsWith('src/runtime/'))).toEqual([]);
    expect([...worker.packages]).toContain('onnx-proto');
    expect([...worker.external]).toContain('onnxruntime-node');
  });

  it('it opens no file by itself', () => {
    expect([...extension.external].filter((name) => /^(node:)?(fs|child_process)/.test(name))).toEqual([]);
    expect([...worker.external]).toContain('node:fs');
  });
});
