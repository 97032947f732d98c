// Runs the suites of this folder in a real VS Code: code-server in Chromium on Linux, a downloaded desktop VS Code elsewhere
// and with --desktop.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { ensureChromium } from '../workbench/chromium';
import { ensureCodeServer } from '../workbench/install';
import { repositoryRoot, samplesFolder, workbenchFolder } from '../workbench/paths';

async function main(): Promise<void> {
  const desktop = process.platform !== 'linux' || process.argv.includes('--desktop') || process.env.QUANTSCOPE_DESKTOP === '1';
  if (!desktop) {
    ensureCodeServer();
    ensureChromium();
  }
  const workspace = mkdtempSync(join(tmpdir(), 'quantscope-workspace-'));
  cpSync(samplesFolder, workspace, { recursive: true });
  try {
    await runTests({
      ...(desktop ? {} : { vscodeExecutablePath: join(workbenchFolder, 'code.mjs') }),
      extensionDevelopmentPath: repositoryRoot,
      extensionTestsPath: join(repositoryRoot, 'out/editor/index.js'),
      launchArgs: [workspace],
    });
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
