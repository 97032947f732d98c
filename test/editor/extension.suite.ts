import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';

describe('the extension', () => {
  it('is installed, activates, and registers every command it contributes', async () => {
    const extension = vscode.extensions.getExtension('quantscope.quantscope');
    assert.ok(extension, 'quantscope.quantscope is not installed');
    await extension.activate();
    const registered = new Set(await vscode.commands.getCommands(true));
    const { contributes } = extension.packageJSON as { contributes: { commands: { command: string }[] } };
    const missing = contributes.commands.map(({ command }) => command).filter((command) => !registered.has(command));
    assert.deepEqual(missing, []);
  });
});
