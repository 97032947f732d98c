import * as l10n from '@vscode/l10n';
import type { CalibrationState, PageMessage } from '../src/protocol/page';
import { element, setText } from './dom';
import type { PageState } from './state';
import { link } from './toolkit';

export interface CalibrationLine {
  element: HTMLElement;
  render(state: Readonly<PageState>): void;
}

/** What the model is calibrated on and how far that is, and what can be done about it. */
export function createCalibrationLine(post: (message: PageMessage) => void): CalibrationLine {
  const summary = element('span', 'calibration-summary');
  summary.setAttribute('role', 'status');
  /** Apart from what is announced: it changes all the time. */
  const percent = element('span', 'calibration-percent');
  const cancel = link(() => post({ type: 'calibration', action: 'cancel' }));
  setText(cancel, l10n.t('Cancel'));
  const retry = link(() => post({ type: 'calibration', action: 'retry' }));
  setText(retry, l10n.t('Try again'));
  const set = link(() => post({ type: 'command', command: 'setCalibrationData', layers: [] }));
  const line = element('div', 'calibration-line', summary, percent, cancel, retry, set);
  let drawn: readonly unknown[] = [];

  return {
    element: line,
    render({ calibration, header }) {
      const wanted = [calibration, header];
      if (wanted.every((part, index) => part === drawn[index]) && drawn.length > 0) return;
      drawn = wanted;
      line.hidden = header?.canQuantize !== true;
      const progress = calibration?.progress;
      setText(summary, calibration ? summaryText(calibration) : '');
      summary.title = progress?.state === 'done' && progress.captured < progress.layers
        ? l10n.t('The column Output SQNR says why others are missing') : '';
      summary.classList.toggle('warning', progress?.state === 'failed');
      setText(percent, progress?.state === 'running' ? `${Math.round(progress.fraction * 100)} %` : '');
      cancel.hidden = progress?.state !== 'running';
      retry.hidden = progress?.state !== 'failed' && progress?.state !== 'cancelled';
      setText(set, calibration ? l10n.t('Change…') : l10n.t('Set calibration data…'));
      set.title = l10n.t('Inputs to run the model on: they tell the error of each layer\'s outputs, and round weights by it');
    },
  };
}

function summaryText({ file, progress }: CalibrationState): string {
  switch (progress.state) {
    case 'running': return l10n.t('Running the model on {0}', file);
    case 'done': {
      const { reading, captured, layers } = progress;
      const data = reading === '' ? file : `${file} (${reading})`;
      return captured === layers
        ? l10n.t('Calibration data: {0}', data)
        : l10n.t('Calibration data: {0}, inputs of {1} of {2} layers known', data, captured, layers);
    }
    case 'cancelled': return l10n.t('Calibration data: {0}, cancelled', file);
    case 'failed': {
      const { title, remedy } = progress.problem;
      return l10n.t('Calibration data: {0}. {1}', file, [title, remedy].filter((part) => part !== '').map((part) => `${part}.`).join(' '));
    }
  }
}
