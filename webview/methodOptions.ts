import * as l10n from '@vscode/l10n';
import { element } from './dom';
import type { MethodPlot } from './methodPlot';
import { checkbox } from './toolkit';

/** What other points may be asked for. */
export interface ChartSwitches {
  perTensor: boolean;
  /** Null: without calibration data there are none of outputs. */
  outputs: boolean | null;
  /** Why there are none to be shown yet, or not of all settings; `''` where there are. */
  note: string;
}

export interface MethodOptionEvents {
  onPredicted(on: boolean): void;
  onRelative(on: boolean): void;
  onPerTensor(on: boolean): void;
  onOutputs(on: boolean): void;
}

export interface MethodOptions {
  element: HTMLElement;
  render(plot: MethodPlot, switches: ChartSwitches): void;
}

/** Switches of the chart of methods. None of them goes when another is used, so that they stay in their places. */
export function createMethodOptions(events: MethodOptionEvents): MethodOptions {
  const outputs = checkbox(l10n.t('Outputs'), events.onOutputs);
  outputs.title = l10n.t('Error of the layer\'s outputs on calibration data, weights rounded to nearest; other layers in float');
  const predicted = checkbox(l10n.t('Predicted'), events.onPredicted);
  const relative = checkbox(l10n.t('Against Uniform'), events.onRelative);
  relative.title = l10n.t('Decibels above the uniform quantizer at the same width');
  const tensor = checkbox(l10n.t('Per tensor'), events.onPerTensor);
  return {
    element: element('div', 'chart-options', outputs, predicted, relative, tensor),
    render(plot, switches) {
      outputs.hidden = switches.outputs === null;
      outputs.checked = switches.outputs === true;
      predicted.checked = plot.showPredicted;
      predicted.disabled = plot.of === 'outputs';
      predicted.title = predicted.disabled
        ? l10n.t('Errors of weights can be predicted, those of outputs only measured')
        : l10n.t('From the Laplacian fitted to the weights');
      relative.checked = plot.relative;
      tensor.checked = switches.perTensor;
    },
  };
}
