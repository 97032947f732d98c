import * as l10n from '@vscode/l10n';
import type { PageErrors } from '../src/protocol/page';
import { createChartFigure } from './chartFigure';
import { histogramBins } from './histogramBins';
import { binCells, binText, histogramConfig, type BarData } from './histogramConfig';
import { formatCount, formatNumber } from './numbers';

export interface ErrorHistogram {
  element: HTMLElement;
  /** Null takes it away. */
  render(errors: PageErrors | null, name: string, logCounts: boolean): void;
}

/** How often each error w − w_q occurs under the planned setting. */
export function createErrorHistogram(): ErrorHistogram {
  const figure = createChartFigure<'bar', BarData>('errors');
  return {
    element: figure.element,
    render(errors, name, logCounts) {
      const bins = errors ? histogramBins(errors) : [];
      const [first, last] = [bins[0], bins.at(-1)];
      if (!errors || !first || !last) return figure.render(null);
      const total = bins.reduce((sum, { count }) => sum + count, 0);
      const highestCount = bins.reduce((highest, { count }) => Math.max(highest, count), 0);
      figure.render({
        label: l10n.t('Errors of {0}', name),
        summary: l10n.t('Errors of {0} weights, from {1} to {2}.',
          formatCount(total), formatNumber(first.from), formatNumber(last.to)),
        tables: () => [{
          caption: l10n.t('Error histogram'),
          heads: [l10n.t('From'), l10n.t('To'), l10n.t('Weights')],
          rows: bins.map(binCells),
        }],
        config: histogramConfig({
          bins, domain: [first.from, last.to], highestCount, logCounts, colour: '--errors',
          title: l10n.t('Error (weight − quantized weight)'), plugins: [],
        }),
        pointText: (bin) => binText(bins, bin),
      });
    },
  };
}
