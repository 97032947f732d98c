/** How long the extension host is held up while models open and are planned, in a real VS Code. Usage: npm run bench:host. */
import { join } from 'node:path';
import { build } from 'esbuild';
import { repositoryRoot } from '../test/workbench/paths';
import { runInEditor } from '../test/workbench/runInEditor';

const script = join(repositoryRoot, 'out/bench/hostTurns.js');

async function main(): Promise<void> {
  await build({
    absWorkingDir: repositoryRoot,
    entryPoints: ['bench/hostTurns.ts'],
    outfile: script,
    bundle: true,
    platform: 'node',
    external: ['vscode'],
    packages: 'external',
  });
  await runInEditor(script);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
