import * as l10n from '@vscode/l10n';
import { window, type LogOutputChannel } from 'vscode';
import type { Problem } from './core/errors';
import { problemLine, problemLog } from './protocol/problemText';

/** Shows a problem with its remedy and a way to the log; what the user cancelled is no problem. */
export function reportProblem(log: LogOutputChannel, problem: Problem): void {
  if (problem.code === 'cancelled') return;
  log.error(problemLog(problem));
  show(log, problemLine(problem));
}

/** Shows an unexpected error in short; its stack goes to the log. */
export function reportError(log: LogOutputChannel, error: unknown): void {
  log.error(error instanceof Error ? error : String(error));
  show(log, error instanceof Error ? error.message : String(error));
}

function show(log: LogOutputChannel, message: string): void {
  const showLog = l10n.t('Show Log');
  void window.showErrorMessage(message, showLog).then((choice) => {
    if (choice === showLog) log.show();
  });
}
