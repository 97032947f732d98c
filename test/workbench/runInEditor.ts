import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { ensureChromium } from './chromium';
import { ensureCodeServer } from './install';
import { repositoryRoot, samplesFolder, workbenchFolder } from './paths';

/**
 * Calls `run` of a script inside the extension host of a real VS Code, on a copy of the samples: code-server in Chromium on
 * Linux, a downloaded desktop VS Code elsewhere and when asked for. @throws Error when `run` does
 */
export async function runInEditor(script: string, { desktop = false } = {}): Promise<void> {
  const downloaded = desktop || process.platform !== 'linux';
  if (!downloaded) {
    ensureCodeServer();
    ensureChromium();
  }
  const workspace = mkdtempSync(join(tmpdir(), 'quantscope-workspace-'));
  cpSync(samplesFolder, workspace, { recursive: true });
  try {
    await runTests({
      ...(downloaded ? {} : { vscodeExecutablePath: join(workbenchFolder, 'code.mjs') }),
      extensionDevelopmentPath: repositoryRoot,
      extensionTestsPath: script,
      launchArgs: [workspace],
    });
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}
