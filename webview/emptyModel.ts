import * as l10n from '@vscode/l10n';
import { element } from './dom';

/** What stands in place of the table when the model has nothing to show. */
export function createEmptyModel(): HTMLElement {
  return element('section', 'empty-model',
    element('h2', '', l10n.t('No layers in this model')),
    element('p', '', l10n.t('A layer is a weight tensor, of two or more dimensions, of an operator such as Conv, Gemm, MatMul or LSTM.')),
    element('p', '', l10n.t('The constants of this model, if any, are shapes, thresholds or other parameters.')));
}
