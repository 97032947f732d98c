import { buildSync } from 'esbuild';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

const repository = join(__dirname, '../../..');

/** A folder with built scripts, inside node_modules so that packages left out of the bundle are found from it. */
export interface Bundle {
  folder: string;
  remove(): void;
}

/** Bundles entry points (paths from the repository's root) as the product's build does, each under its own file name. */
export function bundle(entries: string[]): Bundle {
  const cache = join(repository, 'node_modules/.cache/quantscope-tests');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'bundle-'));
  buildSync({
    entryPoints: entries.map((entry) => ({ in: join(repository, entry), out: basename(entry, '.ts') })),
    outdir: folder,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['onnxruntime-node', 'onnxruntime-web', 'vscode'],
    logLevel: 'error',
  });
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}
