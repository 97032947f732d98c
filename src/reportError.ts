import * as l10n from '@vscode/l10n';
import type { Problem } from './core/errors';
import type { Log } from './log';
import { notifications } from './notifications';
import { problemLine, problemLog } from './protocol/problemText';

/** Shows a problem with its remedy and a way to the log; what the user cancelled is no problem. */
export function reportProblem(log: Log, problem: Problem): void {
  if (problem.code === 'cancelled') return;
  log.error(problemLog(problem));
  show(log, problemLine(problem));
}

/** Shows an unexpected error in short; its stack goes to the log. */
export function reportError(log: Log, error: unknown): void {
  log.error(error instanceof Error ? error : String(error));
  show(log, error instanceof Error ? error.message : String(error));
}

function show(log: Log, message: string): void {
  const showLog = l10n.t('Show Log');
  void notifications.showErrorMessage(message, showLog).then((choice) => {
    if (choice === showLog) log.show();
  });
}
