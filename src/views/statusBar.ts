import * as l10n from '@vscode/l10n';
import { StatusBarAlignment, window, Disposable } from 'vscode';
import type { CommandId } from '../commands/commandIds';
import type { OpenEditors } from '../editor/openEditors';
import type { Budget } from '../protocol/page';
import { printable } from '../protocol/plainText';
import { budgetText } from './layerText';

/** Right of the language and encoding of text editors, whose place it takes. */
const PRIORITY = 100;

/** What the plan makes of the active editor's model; a click lists its worst layers. */
export function createStatusBar(editors: OpenEditors): Disposable {
  const item = window.createStatusBarItem('quantscope.plan', StatusBarAlignment.Right, PRIORITY);
  const command: CommandId = 'quantscope.showWorstLayers';
  item.name = l10n.t('Quantization Plan');
  item.command = command;
  const update = (): void => {
    const model = editors.activePage?.document.host.model;
    if (!model) return item.hide();
    const budget = model.planFeed.budget();
    const text = budgetText(budget);
    item.text = `$(layers) ${text}`;
    item.tooltip = tooltipOf(budget.worst);
    item.accessibilityInformation = { label: l10n.t('Quantization plan: {0}', text), role: 'button' };
    item.show();
  };
  update();
  return Disposable.from(
    item,
    editors.onDidChangeActive(update),
    editors.onDidChangeRows(({ document }) => {
      if (document === editors.activePage?.document) update();
    }),
  );
}

function tooltipOf(worst: Budget['worst']): string {
  if (worst === null) return l10n.t('Quantscope: show the worst layers');
  return worst.by === 'outputs'
    ? l10n.t('Worst layer: {0}. Error of its outputs on calibration data. Click to list the worst layers.', printable(worst.name))
    : l10n.t('Worst layer: {0}. Weight error, not accuracy. Click to list the worst layers.', printable(worst.name));
}
