import type { PageMessage } from '../src/protocol/page';
import type { PageState } from './state';
import { OVERSCAN, rowsOnScreen, withOverscan, type Viewport } from './virtualWindow';

/** Rows that only fly by are not worth reading their weights; those that a model opens with are not kept waiting. */
const REPORT_VISIBLE_AFTER_MS = 50;

export interface GridReports {
  /** Whether a row had the keyboard's focus when that was last told. */
  readonly hadFocus: boolean;
  /** Tells the layers on screen once they rest there. */
  reportVisible(): void;
}

/** Tells the host which layers are on screen, and whether one of the rows in `body` has the keyboard's focus. */
export function createGridReports(
  body: HTMLElement, state: Readonly<PageState>, viewport: () => Viewport, post: (message: PageMessage) => void,
): GridReports {
  let hadFocus = false;
  let reportedModel = 0;
  let reportedRows = '';
  let reportIsDue = false;

  const reportFocus = (): void => {
    const focused = document.hasFocus() && document.activeElement?.parentElement === body;
    if (focused === hadFocus) return;
    hadFocus = focused;
    post({ type: 'gridFocus', focused });
  };
  const reportVisible = (): void => {
    reportIsDue = false;
    const { order } = state.lines;
    const { first, last } = rowsOnScreen(viewport());
    const near = withOverscan({ first, last }, OVERSCAN, order.length);
    const layers = [...order.slice(first, last), ...order.slice(last, near.last), ...order.slice(near.first, first)]
      .filter((line) => line >= 0);
    const rows = layers.join();
    if (state.modelsOpened === reportedModel && rows === reportedRows) return;
    reportedModel = state.modelsOpened;
    reportedRows = rows;
    post({ type: 'visible', layers });
  };
  body.addEventListener('focusin', reportFocus);
  body.addEventListener('focusout', () => queueMicrotask(reportFocus));

  return {
    get hadFocus() {
      return hadFocus;
    },
    reportVisible() {
      if (reportIsDue) return;
      reportIsDue = true;
      setTimeout(reportVisible, state.modelsOpened === reportedModel ? REPORT_VISIBLE_AFTER_MS : 0);
    },
  };
}
