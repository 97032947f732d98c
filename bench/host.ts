/**
 * Runs a bench in the extension host of a real VS Code. Usage: npm run bench:host [-- NAME], where NAME is a script of this
 * folder: hostTurns unless said otherwise, how long the extension host is held up while models open and are planned.
 */
import { join } from 'node:path';
import { build } from 'esbuild';
import { repositoryRoot } from '../test/workbench/paths';
import { runInEditor } from '../test/workbench/runInEditor';

async function main(): Promise<void> {
  const [name = 'hostTurns'] = process.argv.slice(2);
  const script = join(repositoryRoot, `out/bench/${name}.js`);
  await build({
    absWorkingDir: repositoryRoot,
    entryPoints: [`bench/${name}.ts`],
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
