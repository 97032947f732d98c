import * as l10n from '@vscode/l10n';
import { Chart } from 'chart.js';
import { chartConfig, type BarChart } from './chartConfig';
import { legendEntries } from './chartLegend';
import { createChartTable } from './chartTable';
import { describe, plotOf, type Distribution } from './distribution';
import { element, setAttributes, setText } from './dom';
import { checkbox } from './toolkit';

export interface DistributionChart {
  element: HTMLElement;
  /** Null clears it. */
  render(distribution: Distribution | null): void;
}

/** The weights' histogram with the fitted densities and the quantizer over it, a legend and a twin in numbers. */
export function createDistributionChart(onToggle: (option: 'logCounts' | 'showGauss', on: boolean) => void): DistributionChart {
  const canvas = element('canvas');
  const summary = element('p', 'visually-hidden');
  summary.id = 'chart-summary';
  setAttributes(canvas, { role: 'img', 'aria-describedby': summary.id });
  const legend = element('ul', 'legend');
  const logCounts = checkbox(l10n.t('Log counts'), (on) => onToggle('logCounts', on));
  logCounts.title = l10n.t('Key: L');
  const showGauss = checkbox('Gauss', (on) => onToggle('showGauss', on));
  const twin = createChartTable();
  const noWeights = element('p', 'hint', l10n.t('No weight is finite, so there is no distribution to show.'));
  const drawing = element('div', 'drawing', canvas);
  const figure = element('figure', 'distribution', drawing, noWeights, summary, legend,
    element('div', 'chart-options', logCounts, showGauss), twin.element);
  let chart: BarChart | null = null;

  return {
    element: figure,
    render(distribution) {
      chart?.destroy();
      chart = null;
      figure.hidden = distribution === null;
      const plot = distribution && plotOf(distribution);
      twin.render(plot);
      if (!plot) return;
      const empty = plot.bins.length === 0;
      noWeights.hidden = !empty;
      drawing.hidden = empty;
      canvas.setAttribute('aria-label', l10n.t('Distribution of {0}', plot.name));
      setText(summary, describe(plot));
      legend.replaceChildren(...legendEntries(plot));
      logCounts.checked = plot.logCounts;
      showGauss.checked = plot.showGauss;
      if (!empty) chart = new Chart(canvas, chartConfig(plot));
    },
  };
}
