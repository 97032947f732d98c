import * as l10n from '@vscode/l10n';
import { BarController, BarElement, Chart, type ChartConfiguration, type Plugin, type TooltipItem } from 'chart.js';
import { axisStyle, axisTitle, baseOptions, tickStyle, tooltipStyle } from './chartStyle';
import { countCell, numberCell, type TableCell } from './chartTable';
import type { Bin } from './histogramBins';
import { formatCount, formatNumber } from './numbers';
import { themeColour, type ThemeColour } from './theme';

Chart.register(BarController, BarElement);

export type BarData = { x: number; y: number | null }[];
type BarConfiguration = ChartConfiguration<'bar', BarData>;

export interface Bars {
  bins: readonly Bin[];
  /** From least to greatest x. */
  domain: readonly [number, number];
  highestCount: number;
  logCounts: boolean;
  colour: ThemeColour;
  /** What x is. */
  title: string;
  plugins: Plugin<'bar'>[];
}

/** A logarithmic axis starts below one weight, so that a bin with a single one is seen. */
const LEAST_LOG_COUNT = 0.5;

/** A histogram as bars over their bins' centres. */
export function histogramConfig({ bins, domain, highestCount, logCounts, colour, title, plugins }: Bars): BarConfiguration {
  return {
    type: 'bar',
    data: {
      datasets: [{
        data: bins.map(({ from, to, count }) => ({ x: (from + to) / 2, y: logCounts && count === 0 ? null : count })),
        backgroundColor: themeColour(colour),
        hoverBackgroundColor: themeColour('--text'),
        barPercentage: 1,
        categoryPercentage: 1,
        grouped: false,
      }],
    },
    options: {
      ...baseOptions(),
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: {
          type: 'linear', offset: false, min: domain[0], max: domain[1],
          ...axisStyle(), ...axisTitle(title), grid: { display: false },
          ticks: {
            ...tickStyle(), maxTicksLimit: 7, maxRotation: 0, includeBounds: false,
            callback: (value) => formatNumber(Number(value), 3),
          },
        },
        y: logCounts
          ? { type: 'logarithmic', min: LEAST_LOG_COUNT, max: 10 ** Math.ceil(Math.log10(highestCount)), ...axisStyle(),
              ...axisTitle(l10n.t('Weights')), ticks: { ...tickStyle(), callback: powerOfTen } }
          : { type: 'linear', min: 0, suggestedMax: highestCount, ...axisStyle(), ...axisTitle(l10n.t('Weights')),
              ticks: { ...tickStyle(), maxTicksLimit: 6, precision: 0, callback: (value) => formatCount(Number(value)) } },
      },
      plugins: { tooltip: { ...tooltipStyle(), callbacks: binTexts(bins) } },
    },
    plugins,
  };
}

function powerOfTen(value: string | number): string {
  return Number.isInteger(Math.log10(Number(value))) ? formatCount(Number(value)) : '';
}

/** A bin as a row of a table. */
export function binCells({ from, to, count }: Bin): TableCell[] {
  return [numberCell(from), numberCell(to), countCell(count)];
}

/** A bin in words: its edges and its share of the weights. */
export function binText(bins: readonly Bin[], bin: number): string {
  return `${edgesText(bins, bin)}: ${shareText(bins, bin)}`;
}

function binTexts(bins: readonly Bin[]) {
  return {
    title: ([item]: TooltipItem<'bar'>[]) => (item ? edgesText(bins, item.dataIndex) : ''),
    label: (item: TooltipItem<'bar'>) => shareText(bins, item.dataIndex),
  };
}

function edgesText(bins: readonly Bin[], index: number): string {
  const bin = bins[index];
  return bin ? `[${formatNumber(bin.from, 5)}, ${formatNumber(bin.to, 5)}${bin === bins.at(-1) ? ']' : ')'}` : '';
}

function shareText(bins: readonly Bin[], index: number): string {
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const count = bins[index]?.count ?? 0;
  return l10n.t('{0} weights, {1} %', formatCount(count), formatNumber((count / total) * 100, 3));
}
