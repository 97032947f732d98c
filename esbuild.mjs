// Bundles the product into dist/, and with --suites the editor's test suites into out/editor/.
//   --watch       rebuilds on every change
//   --production  minified, without source maps, with ThirdPartyNotices.txt
import { build, context } from 'esbuild';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const flags = new Set(process.argv.slice(2));
const production = flags.has('--production');

const shared = {
  absWorkingDir: root,
  bundle: true,
  minify: production,
  sourcemap: !production,
  metafile: true,
  logLevel: 'warning',
};

const node = {
  ...shared,
  platform: 'node',
  format: 'cjs',
  // Electron's and code-server's extension hosts since VS Code 1.100, and the command line's oldest Node.
  target: 'node20',
  external: ['vscode', 'onnxruntime-node'],
  // Its CommonJS build loads the WebAssembly from beside the file that runs; its ES module build asks import.meta for the place.
  alias: { 'onnxruntime-web': join(root, 'node_modules/onnxruntime-web/dist/ort.node.min.js') },
};

const product = [
  { ...node, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.js' },
  { ...node, entryPoints: ['src/workers/coreWorker.ts'], outfile: 'dist/coreWorker.js' },
  { ...node, entryPoints: ['src/cli/main.ts'], outfile: 'dist/cli.js', banner: { js: '#!/usr/bin/env node' } },
  {
    ...shared,
    entryPoints: ['webview/page.ts', 'webview/page.css', 'webview/compare.ts', 'webview/compare.css'],
    outdir: 'dist/webview',
    platform: 'browser',
    format: 'iife',
    target: 'chrome132',
  },
];

const suites = {
  ...node,
  entryPoints: ['test/editor/index.ts', 'test/editor/*.suite.ts'],
  outdir: 'out/editor',
  packages: 'external',
};

const runtimeFiles = ['ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'];

function copyRuntime() {
  mkdirSync(join(root, 'dist'), { recursive: true });
  for (const file of runtimeFiles) {
    copyFileSync(join(root, 'node_modules/onnxruntime-web/dist', file), join(root, 'dist', file));
  }
}

/** The licences of every package of which something is in a bundle. @throws Error when one's text is nowhere to be found */
function thirdPartyNotices(metafiles) {
  const folders = new Set(['node_modules/onnxruntime-web']);
  const inputs = metafiles.flatMap(({ outputs }) => Object.values(outputs)).flatMap((output) => Object.entries(output.inputs));
  for (const [file] of inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0)) {
    const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
    if (folder) folders.add(folder);
  }
  const notices = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    return `${name} ${version} (${license})\n\n${licenceText(folder, name, license)}`;
  });
  return `Quantscope contains the following packages. Works inside ONNX Runtime's WebAssembly are listed in its own\n`
    + `ThirdPartyNotices.txt, at https://github.com/microsoft/onnxruntime.\n\n${notices.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

function licenceText(folder, name, license) {
  const files = readdirSync(join(root, folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  if (files.length > 0) return files.map((file) => readFileSync(join(root, folder, file), 'utf8').trim()).join('\n\n');
  // Microsoft publishes some of its MIT packages without the file.
  if (license !== 'MIT' || !/^(@microsoft\/|@vscode\/|onnxruntime-)/.test(name)) throw new Error(`${name} has no licence text.`);
  return readFileSync(join(root, 'LICENSE'), 'utf8').replace(/Copyright.*/, 'Copyright (c) Microsoft Corporation').trim();
}

if (flags.has('--watch')) {
  copyRuntime();
  for (const options of product) {
    const watcher = await context({ ...options, logLevel: 'info' });
    await watcher.watch();
  }
} else {
  if (production) rmSync(join(root, 'dist'), { recursive: true, force: true });
  copyRuntime();
  // esbuild has said by then what is wrong.
  const results = await Promise.all(product.map((options) => build(options))).catch(() => process.exit(1));
  chmodSync(join(root, 'dist/cli.js'), 0o755);
  if (flags.has('--suites')) {
    rmSync(join(root, suites.outdir), { recursive: true, force: true });
    await build(suites);
  }
  if (production) writeFileSync(join(root, 'ThirdPartyNotices.txt'), thirdPartyNotices(results.map((result) => result.metafile)));
}
