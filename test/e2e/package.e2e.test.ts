import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { overBudget, productSizes } from '../sizeBudgets';
import { ensureCodeServer } from '../workbench/install';
import { repositoryRoot } from '../workbench/paths';
import { openWorkbench } from './workbench';

const megabyte = 1e6;
const scratch = mkdtempSync(join(tmpdir(), 'quantscope-package-'));
const vsix = join(scratch, 'quantscope.vsix');
let installed = '';

/** What a command prints. @throws Error with its output when it fails */
function run(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: repositoryRoot, encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`${program} ${args.join(' ')}\n${stdout}\n${stderr}`);
  }
  return stdout;
}

/** Packages of which a part is in one of the product's scripts, with their versions; ONNX Runtime's files lie beside those. */
function bundledPackages(): string[] {
  const scripts = ['src/extension.ts', 'src/workers/coreWorker.ts', 'src/cli/main.ts', 'webview/page.ts', 'webview/compare.ts'];
  const runtime = join(repositoryRoot, 'node_modules/onnxruntime-web/dist/ort.node.min.js');
  const folders = new Set(['node_modules/onnxruntime-web']);
  for (const script of scripts) {
    const { metafile } = buildSync({
      absWorkingDir: repositoryRoot, entryPoints: [script], outdir: 'dist', bundle: true, write: false, metafile: true, minify: true,
      platform: script.startsWith('webview') ? 'browser' : 'node', external: ['vscode', 'onnxruntime-node'],
      alias: { 'onnxruntime-web': runtime }, logLevel: 'error',
    });
    for (const { inputs } of Object.values(metafile.outputs)) {
      for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
        if (folder && bytesInOutput > 0) folders.add(folder);
      }
    }
  }
  return [...folders].map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(repositoryRoot, folder, 'package.json'), 'utf8')) as Record<string, string>;
    return `${name} ${version}`;
  }).sort();
}

beforeAll(() => {
  run('npm', 'run', '--silent', 'package', '--', '--out', vsix);
  const { node, entry } = ensureCodeServer();
  const extensions = join(scratch, 'extensions');
  mkdirSync(extensions);
  const profile = ['--extensions-dir', extensions, '--user-data-dir', join(scratch, 'user-data')];
  run(node, entry, '--install-extension', vsix, ...profile);
  const folder = readdirSync(extensions).find((name) => name.startsWith('quantscope.quantscope-'));
  installed = join(extensions, folder ?? 'not installed');
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('the .vsix', () => {
  it('holds the product and nothing of the sources, tests and models', () => {
    const files = readdirSync(installed, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1));
    const others = files.filter((file) => !/^(media|l10n)\//.test(file) && !/^package\.nls\..+\.json$/.test(file));
    expect(others.map((file) => file.toLowerCase()).sort()).toEqual([
      '.vsixmanifest',
      'changelog.md',
      'dist/cli.js',
      'dist/coreworker.js',
      'dist/extension.js',
      'dist/ort-wasm-simd-threaded.mjs',
      'dist/ort-wasm-simd-threaded.wasm',
      'dist/webview/compare.css',
      'dist/webview/compare.js',
      'dist/webview/page.css',
      'dist/webview/page.js',
      'license.txt',
      'package.json',
      'package.nls.json',
      'readme.md',
      'thirdpartynotices.txt',
    ]);
    expect(files.filter((file) => /\.(ts|map|onnx|suite\.js)$/.test(file))).toEqual([]);
  });

  it('fits a download of 6 MB', () => {
    expect(statSync(vsix).size).toBeLessThan(6 * megabyte);
  });

  it('has no bundle past its budget', () => {
    expect(overBudget(productSizes(installed, vsix))).toEqual([]);
  });

  it('has the licence of every package of which something is in it, and of no other', () => {
    const [, ...notices] = readFileSync(join(installed, 'ThirdPartyNotices.txt'), 'utf8').split(/\n\n(?=\S+ \d\S* \([\w.-]+\)\n\n)/);
    const named = notices.map((notice) => notice.split('\n')[0]!);
    expect(named.map((line) => line.replace(/ \(.*/, '')).sort()).toEqual(bundledPackages());
    for (const notice of notices) expect(notice).toMatch(/copyright/i);
    expect(named.filter((line) => !/\((MIT|0BSD|BSD-3-Clause|Apache-2\.0)\)$/.test(line))).toEqual([]);
  });

  it('holds no package that docs/safety.md does not look at, in the version it looks at', () => {
    const looked = readFileSync(join(repositoryRoot, 'docs/safety.md'), 'utf8');
    expect(bundledPackages().filter((name) => !looked.includes(name))).toEqual([]);
  });

  it('quantizes and verifies by itself, with no package installed beside it', () => {
    const copy = join(scratch, 'copy.onnx');
    const model = join(repositoryRoot, 'samples/lenet5_mnist.onnx');
    const report = JSON.parse(run(process.execPath, join(installed, 'dist/cli.js'), 'quantize', model, '-o', copy, '--verify', '--json')) as {
      layers: unknown[]; verified: unknown;
    };
    expect(report.layers).toHaveLength(5);
    expect(report.verified).toEqual({ maxAbsDifference: 0, wholeModel: 'ran' });
    const text = run(process.execPath, join(installed, 'dist/cli.js'), 'quantize', model, '-o', copy, '--verify', '--force');
    expect(text).toMatch(/^Verified: ONNX Runtime \(wasm\) reads 5 layers as meant, largest difference 0;/m);
  });

  it('opens a model where it is installed', async () => {
    const workbench = await openWorkbench({ extensions: [installed] });
    try {
      await workbench.openFile('lenet5_mnist.onnx');
      await workbench.webview().getByText('conv1.weight').first().waitFor();
      await workbench.screenshot('packaged');
    } finally {
      await workbench.close();
    }
  });
});
