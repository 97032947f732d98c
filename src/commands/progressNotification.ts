import { ProgressLocation } from 'vscode';
import { abortSignal } from '../editor/abortSignal';
import { notifications } from '../notifications';
import type { CallOptions } from '../workers/pooledJob';

/** Runs work under a notification that shows how far it is and can cancel it. */
export function progressNotification<T>(
  title: string, work: (options: Required<Pick<CallOptions, 'signal' | 'onProgress'>>) => Promise<T>,
): Promise<T> {
  const options = { location: ProgressLocation.Notification, cancellable: true, title };
  return Promise.resolve(notifications.withProgress(options, (progress, token) => {
    let done = 0;
    const onProgress = (fraction: number): void => {
      progress.report({ increment: (fraction - done) * 100 });
      done = fraction;
    };
    return work({ signal: abortSignal(token), onProgress });
  }));
}
