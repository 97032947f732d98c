// Runs the suites of this folder in a real VS Code; with --desktop in a downloaded one.
import { join } from 'node:path';
import { repositoryRoot } from '../workbench/paths';
import { runInEditor } from '../workbench/runInEditor';

const desktop = process.argv.includes('--desktop') || process.env.QUANTSCOPE_DESKTOP === '1';

runInEditor(join(repositoryRoot, 'out/editor/index.js'), { desktop }).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
