import * as l10n from '@vscode/l10n';
import type { PageMessage, PageProblem } from '../src/protocol/page';
import { element, setText } from './dom';
import { button } from './toolkit';

export interface ProblemView {
  element: HTMLElement;
  render(problem: PageProblem | null): void;
}

/** Stands in for the whole page when the model cannot be shown. */
export function createProblemView(post: (message: PageMessage) => void): ProblemView {
  const command = (name: 'reload' | 'showLog') => () => post({ type: 'command', command: name, layers: [] });
  const text = createProblemText();
  const view = element('section', 'problem-page', text.element,
    element('div', 'problem-actions',
      button(l10n.t('Reload'), 'primary', command('reload')),
      button(l10n.t('Show Log'), 'secondary', command('showLog'))));
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
export function createProblemText(): ProblemView {
  const title = element('h2', 'problem-title');
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
