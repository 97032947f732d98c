import * as l10n from '@vscode/l10n';
import type { EvaluationState, PageMessage } from '../src/protocol/page';
import { element, setText } from './dom';
import type { PageState } from './state';
import { button, link } from './toolkit';

export interface EvaluationLine {
  element: HTMLElement;
  render(state: Readonly<PageState>): void;
}

/** What the last evaluation found and whether it still holds, in one line that goes when it was seen. */
export function createEvaluationLine(post: (message: PageMessage) => void): EvaluationLine {
  const summary = element('span', 'evaluation-summary');
  summary.setAttribute('role', 'status');
  const again = link(() => post({ type: 'command', command: 'evaluateAgain', layers: [] }));
  setText(again, l10n.t('Evaluate again'));
  const dismiss = button('✕', 'icon', () => post({ type: 'dismissEvaluation' }));
  dismiss.title = l10n.t('Dismiss the evaluation');
  dismiss.setAttribute('aria-label', dismiss.title);
  const line = element('div', 'evaluation-line', summary, again, dismiss);
  let drawn: EvaluationState | null = null;
  line.hidden = true;

  return {
    element: line,
    render({ evaluation }) {
      if (evaluation === drawn) return;
      drawn = evaluation;
      line.hidden = evaluation === null;
      if (!evaluation) return;
      setText(summary, evaluationText(evaluation));
      summary.classList.toggle('outdated', !evaluation.isCurrent);
      again.hidden = evaluation.isCurrent;
    },
  };
}

function evaluationText({ file, text, isCurrent }: EvaluationState): string {
  return isCurrent
    ? l10n.t('Evaluated on {0}: {1}', file, text)
    : l10n.t('Before the last change, evaluated on {0}: {1}', file, text);
}
