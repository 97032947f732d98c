import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { notifications } from '../../src/notifications';
import { answeringWarnings, failing, hearing } from './dialogs';

const NAME = '[w](command:workbench.action.quit) \u202e[\n](https://example.invalid)';
const SHOWN = '[w]\u200B(command:workbench.action.quit) \uFFFD[ ]\u200B(https://example.invalid)';

describe('notifications', () => {
  it('show names as text, in which VS Code finds no link', async () => {
    assert.deepEqual(await hearing(async () => notifications.showInformationMessage(NAME)), [SHOWN]);
    assert.deepEqual(await answeringWarnings(undefined, async () => notifications.showWarningMessage(NAME)), [SHOWN]);
    assert.deepEqual(await failing(async () => notifications.showErrorMessage(NAME, 'Button')), [[SHOWN, 'Button']]);
  });

  it('of progress do so too, in their title and as they go on', async () => {
    const shown: (string | undefined)[] = [];
    const { withProgress } = vscode.window;
    const listening: typeof withProgress = ({ title }, task) => {
      shown.push(title);
      return task({ report: ({ message }) => shown.push(message) }, new vscode.CancellationTokenSource().token);
    };
    Object.assign(vscode.window, { withProgress: listening });
    try {
      await notifications.withProgress({ location: vscode.ProgressLocation.Notification, title: NAME }, async (progress) => {
        progress.report({ message: NAME });
        progress.report({ increment: 1 });
      });
    } finally {
      Object.assign(vscode.window, { withProgress });
    }
    assert.deepEqual(shown, [SHOWN, SHOWN, undefined]);
  });
});
