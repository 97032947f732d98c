import * as l10n from '@vscode/l10n';
import { createChartFigure } from './chartFigure';
import { legendEntries } from './chartLegend';
import { chartOverlay } from './chartOverlay';
import { describe, plotOf, type Distribution } from './distribution';
import { distributionTables } from './distributionTables';
import { element, setAttributes } from './dom';
import { createDragHandle } from './dragHandle';
import { binText, histogramConfig, type BarData } from './histogramConfig';
import { checkbox } from './toolkit';

export interface DistributionChart {
  element: HTMLElement;
  /** Null clears it. */
  render(distribution: Distribution | null): void;
}

export interface DistributionEvents {
  onToggle(option: 'logCounts' | 'showGauss', on: boolean): void;
  /** A clip limit was dragged to this weight. */
  onDrag(x: number): void;
}

/** The weights' histogram with the fitted densities and the quantizer over it, a legend and a twin in numbers. */
export function createDistributionChart({ onToggle, onDrag }: DistributionEvents): DistributionChart {
  const legend = element('ul', 'legend');
  const logCounts = checkbox(l10n.t('Log counts'), (on) => onToggle('logCounts', on));
  logCounts.title = l10n.t('Key: L');
  const showGauss = checkbox('Gauss', (on) => onToggle('showGauss', on));
  const noWeights = element('p', 'hint', l10n.t('No weight is finite, so there is no distribution to show.'));
  const options = element('div', 'chart-options', logCounts, showGauss);
  const figure = createChartFigure<'bar', BarData>('chart', noWeights, legend, options);
  const handles = [0, 1].map(() => createDragHandle(figure.drawing, (x) => {
    const weight = figure.chart()?.scales['x']?.getValueForPixel(x);
    if (weight !== undefined) onDrag(weight);
  }));
  for (const handle of handles) setAttributes(handle.element, { 'aria-hidden': true, title: l10n.t('Drag the clip limits') });

  return {
    element: figure.element,
    render(distribution) {
      const plot = distribution && plotOf(distribution);
      if (!plot) return figure.render(null);
      const empty = plot.bins.length === 0;
      noWeights.hidden = !empty;
      legend.replaceChildren(...legendEntries(plot));
      logCounts.checked = plot.logCounts;
      showGauss.checked = plot.showGauss;
      const overlay = chartOverlay(plot, (low, high, { top, bottom }) => {
        for (const [i, x] of [low, high].entries()) handles[i]?.place(plot.canDrag ? x : null, top, bottom);
      });
      if (!plot.codebook) for (const handle of handles) handle.place(null, 0, 0);
      figure.render({
        label: l10n.t('Distribution of {0}', plot.name),
        summary: describe(plot),
        tables: () => distributionTables(plot),
        config: empty ? null : histogramConfig({ ...plot, colour: '--histogram', title: l10n.t('Weight'), plugins: [overlay] }),
        pointText: (bin) => binText(plot.bins, bin),
      });
    },
  };
}
