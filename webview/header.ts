import * as l10n from '@vscode/l10n';
import type { Budget, Header, PageMessage, PageProblem } from '../src/protocol/page';
import { budgetText } from './budgetText';
import { createCalibrationLine } from './calibrationLine';
import { createDriftLine } from './driftLine';
import { element, setText } from './dom';
import { createEvaluationLine } from './evaluationLine';
import { createMissingLine } from './missingLine';
import { shortenMiddle } from './names';
import { formatCount, formatDb } from './numbers';
import { ofNearestText } from './rowText';
import { dismissDrift, type PageState } from './state';
import type { Store } from './store';
import { button, link } from './toolkit';

/** A longer name of the worst layer would push the line apart. */
const WORST_NAME_LENGTH = 40;

export interface HeaderView {
  element: HTMLElement;
  render(state: Readonly<PageState>): void;
}

/** The model in one line, what the plan makes of it in another, what moved, and the actions on the whole model. */
export function createHeader(store: Store, post: (message: PageMessage) => void, revealLayer: (layer: number) => void): HeaderView {
  const command = (name: 'quantizeAll' | 'allocateBits' | 'writeQuantizedCopy') => () => post({ type: 'command', command: name, layers: [] });
  const fileName = element('h1', 'file-name');
  const facts = element('span', 'facts');
  const waiting = element('p', 'warning waiting-line');
  waiting.setAttribute('role', 'status');
  const budgetLine = element('span', 'budget-text');
  let worstLayer: number | null = null;
  const worst = link(() => worstLayer !== null && revealLayer(worstLayer));
  worst.classList.add('worst-layer');
  const quantizeAll = button(l10n.t('Quantize All Layers…'), 'secondary', command('quantizeAll'));
  const allocate = button(l10n.t('Allocate Bits…'), 'secondary', command('allocateBits'));
  const write = button(l10n.t('Write Quantized Copy…'), 'primary', command('writeQuantizedCopy'));
  const calibration = createCalibrationLine(post);
  const drift = createDriftLine({
    reveal: revealLayer,
    rank: () => store.update((changed) => {
      changed.sort = { column: 'moved', descending: true };
      changed.orderIsStale = true;
    }),
    dismiss() {
      post({ type: 'dismissDrift' });
      store.update(dismissDrift);
    },
  });
  const evaluation = createEvaluationLine(post);
  const missing = createMissingLine(post);
  let drawnHeader: Header | null = null;
  let drawnBudget: Budget | null = null;

  return {
    element: element('div', 'page-header',
      element('div', 'header-text',
        element('div', 'model-line', fileName, facts),
        element('div', 'budget-line', budgetLine, worst, calibration.element),
        drift.element,
        evaluation.element,
        waiting,
        missing.element),
      element('div', 'header-actions', quantizeAll, allocate, write)),
    render(state) {
      const { header, budget } = state;
      drift.render(state);
      setText(waiting, header && state.waiting ? waitingText(header, state.waiting) : '');
      calibration.render(state);
      evaluation.render(state);
      missing.render(state);
      if (header && header !== drawnHeader) {
        drawnHeader = header;
        setText(fileName, header.fileName);
        setText(facts, modelFacts(header));
        for (const action of [quantizeAll, allocate, write]) {
          action.disabled = !header.canQuantize;
          action.title = header.canQuantize ? '' : l10n.t('No layer of this model can be quantized.');
        }
      }
      if (budget && header && budget !== drawnBudget) {
        drawnBudget = budget;
        worstLayer = budget.worst?.index ?? null;
        setText(budgetLine, budgetText(budget, header));
        worst.hidden = budget.worst === null;
        setText(worst, worstText(budget.worst));
        const nearest = ofNearestText(state.rows.get(worstLayer ?? -1)?.plan ?? null);
        worst.classList.toggle('provisional', nearest !== null);
        worst.title = [budget.worst?.name, nearest].filter((part) => part !== undefined && part !== null).join(' · ');
      }
    },
  };
}

function worstText(worst: Budget['worst']): string {
  if (!worst) return '';
  const name = shortenMiddle(worst.name, WORST_NAME_LENGTH);
  return worst.by === 'outputs'
    ? l10n.t('worst layer {0} dB of outputs ({1})', formatDb(worst.sqnrDb), name)
    : l10n.t('worst layer {0} dB ({1})', formatDb(worst.sqnrDb), name);
}

function waitingText({ fileName }: Header, { title }: PageProblem): string {
  return l10n.t('{0}: {1}. The model is shown as it was; the file is tried again.', fileName, title);
}

function modelFacts(header: Header): string {
  return [
    header.producer,
    header.opset === '' ? '' : l10n.t('opset {0}', header.opset),
    header.layerCount === 1 ? l10n.t('1 layer') : l10n.t('{0} layers', formatCount(header.layerCount)),
    l10n.t('{0} weights', formatCount(header.parameters)),
  ].filter((fact) => fact !== '').join(' · ');
}
