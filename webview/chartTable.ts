import * as l10n from '@vscode/l10n';
import type { Plot } from './distribution';
import { element, setText } from './dom';
import { formatCount, formatNumber } from './numbers';

export interface ChartTable {
  element: HTMLElement;
  render(plot: Plot | null): void;
}

/** The chart's twin in numbers; filled only while it is open. */
export function createChartTable(): ChartTable {
  const tables = element('div', 'chart-tables');
  tables.tabIndex = 0;
  const details = element('details', 'chart-twin', element('summary', '', l10n.t('View as table')), tables);
  let plot: Plot | null = null;
  let filledFor: Plot | null = null;
  const fill = (): void => {
    if (!details.open || filledFor === plot) return;
    filledFor = plot;
    tables.replaceChildren(...(plot ? [binTable(plot), ...codebookTables(plot)] : []));
  };
  details.addEventListener('toggle', fill);
  return {
    element: details,
    render(next) {
      plot = next;
      fill();
    },
  };
}

function binTable({ bins }: Plot): HTMLTableElement {
  return table(l10n.t('Histogram'), [l10n.t('From'), l10n.t('To'), l10n.t('Weights')],
    bins.map(({ from, to, count }) => [formatNumber(from, 6), formatNumber(to, 6), formatCount(count)]));
}

function codebookTables({ codebook }: Plot): HTMLTableElement[] {
  if (!codebook) return [];
  const rows = codebook.levels.map((level, code) => {
    const threshold = codebook.thresholds[code];
    return [String(code), formatNumber(level, 6), threshold === undefined ? '' : formatNumber(threshold, 6)];
  });
  return [table(l10n.t('Levels'), [l10n.t('Code'), l10n.t('Level'), l10n.t('Threshold to next')], rows)];
}

function table(caption: string, heads: readonly string[], rows: readonly (readonly string[])[]): HTMLTableElement {
  const created = element('table', '', element('caption', '', caption));
  const headRow = created.createTHead().insertRow();
  for (const head of heads) {
    const cell = element('th', '', head);
    cell.scope = 'col';
    headRow.append(cell);
  }
  const body = created.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const text of row) setText(line.insertCell(), text);
  }
  return created;
}
