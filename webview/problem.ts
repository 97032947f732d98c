import * as l10n from '@vscode/l10n';
import type { PageProblem } from '../src/protocol/page';
import { element, setText } from './dom';
import { button } from './toolkit';

/** What can be done about a problem in the page itself. */
export type ProblemCommand = 'reload' | 'showLog';

export interface ProblemView {
  element: HTMLElement;
  render(problem: PageProblem | null): void;
}

/** Stands in for the whole page when the model cannot be shown. */
export function createProblemView(run: (command: ProblemCommand) => void): ProblemView {
  const text = createProblemText('h1');
  const view = element('section', 'problem-page', text.element,
    element('div', 'problem-actions',
      button(l10n.t('Reload'), 'primary', () => run('reload')),
      button(l10n.t('Show Log'), 'secondary', () => run('showLog'))));
  view.setAttribute('role', 'alert');
  return {
    element: view,
    render(problem) {
      view.hidden = problem === null;
      text.render(problem);
    },
  };
}

/** Title, what to do, and the details. */
export function createProblemText(level: 'h1' | 'h3' = 'h3'): ProblemView {
  const title = element(level, 'problem-title');
  const remedy = element('p', 'problem-remedy');
  const detail = element('p', 'problem-detail');
  const view = element('div', 'problem', title, remedy, detail);
  return {
    element: view,
    render(problem) {
      view.hidden = problem === null;
      setText(title, problem?.title ?? '');
      setText(remedy, problem?.remedy ?? '');
      setText(detail, problem?.detail ?? '');
      detail.hidden = !problem?.detail;
    },
  };
}
