import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';

export const PACKAGE = 'the .vsix without ONNX Runtime';

/** Bytes that what ships may take: a fifth more than it took when this was written, of the command line a tenth more than it takes since. */
export const SIZE_BUDGETS: Readonly<Record<string, number>> = {
  'dist/extension.js': 183_000,
  'dist/coreWorker.js': 483_000,
  'dist/cli.js': 90_000,
  'dist/webview/page.js': 475_000,
  'dist/webview/page.css': 28_000,
  'dist/webview/compare.js': 152_000,
  'dist/webview/compare.css': 30_000,
  [PACKAGE]: 525_000,
};

const RUNTIME = 'dist/ort-wasm-simd-threaded.wasm';

/** Bytes of everything that has a budget. `folder` holds the production build of which `vsix` is made. */
export function productSizes(folder: string, vsix: string): Record<string, number> {
  const sizeOf = (name: string): number => (
    name === PACKAGE ? statSync(vsix).size - deflateRawSync(readFileSync(join(folder, RUNTIME))).length : statSync(join(folder, name)).size
  );
  return Object.fromEntries(Object.keys(SIZE_BUDGETS).map((name) => [name, sizeOf(name)]));
}

/** One line for each size past its budget. */
export function overBudget(sizes: Record<string, number>): string[] {
  return Object.entries(sizes).flatMap(([name, bytes]) => {
    const budget = SIZE_BUDGETS[name] ?? 0;
    return bytes <= budget ? [] : [`${name}: ${bytes} bytes, ${bytes - budget} more than its budget of ${budget}`];
  });
}
