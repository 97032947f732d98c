import * as l10n from '@vscode/l10n';
import type { PageProblem } from '../src/protocol/page';
import type { Store } from './store';

/** Chromium's notice that a resize will be reported a frame later: nothing went wrong. */
const HARMLESS = /^ResizeObserver loop/;

/** Whatever goes wrong in the page is said in the page, and to the host. */
export function reportErrors(
  store: Store<{ problem: PageProblem | null }>, post: (message: { type: 'pageError'; message: string }) => void,
): void {
  const report = (message: string): void => {
    if (HARMLESS.test(message)) return;
    post({ type: 'pageError', message });
    store.update((state) => {
      state.problem = {
        title: l10n.t('The page ran into an error'),
        remedy: l10n.t('Reload the model; the plan is kept. If it happens again, the log says more.'),
        detail: message,
      };
    });
  };
  window.addEventListener('error', ({ message, error }) => report(textOf(error ?? message)));
  window.addEventListener('unhandledrejection', ({ reason }) => report(textOf(reason)));
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
