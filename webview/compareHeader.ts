import * as l10n from '@vscode/l10n';
import type { ComparePageMessage, CompareSide } from '../src/protocol/comparePage';
import type { CompareState } from './compareState';
import { modelFacts, summaryText } from './compareText';
import { element, setText } from './dom';
import { button, link, progressRing } from './toolkit';

export interface CompareHeader {
  element: HTMLElement;
  render(state: Readonly<CompareState>): void;
}

/** The two models, what the comparison comes to, and how far it is. */
export function createCompareHeader(post: (message: ComparePageMessage) => void): CompareHeader {
  const models = { a: createModelLine('a', post), b: createModelLine('b', post) };
  const summary = element('p', 'budget-line compare-summary');
  summary.setAttribute('role', 'status');
  const percent = element('span', 'facts');
  const progress = element('div', 'compare-progress', progressRing(l10n.t('Comparing the models')), percent);
  const swap = button(l10n.t('Swap A and B'), 'secondary', () => post({ type: 'command', command: 'swap' }));
  return {
    element: element('div', 'page-header',
      element('h1', 'visually-hidden', l10n.t('Comparison of two models')),
      element('div', 'header-text', models.a.element, models.b.element, summary),
      element('div', 'header-actions', progress, swap)),
    render(state) {
      models.a.render(state);
      models.b.render(state);
      setText(summary, state.summary ? summaryText(state.summary) : '');
      progress.hidden = state.fraction === null;
      setText(percent, `${Math.floor(100 * (state.fraction ?? 0))} %`);
    },
  };
}

function createModelLine(side: CompareSide, post: (message: ComparePageMessage) => void): CompareHeader {
  const name = link(() => post({ type: 'open', side, row: null }));
  name.classList.add('model-link');
  const facts = element('span', 'facts');
  return {
    element: element('div', 'model-line', element('span', 'side', side.toUpperCase()), name, facts),
    render({ models, summary }) {
      const model = models?.[side];
      setText(name, model?.fileName ?? '');
      name.title = model ? l10n.t('Open {0}', `${model.folder}/${model.fileName}`) : '';
      setText(facts, summary ? modelFacts(summary[side]) : '');
    },
  };
}
