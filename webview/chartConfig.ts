import * as l10n from '@vscode/l10n';
import {
  BarController, BarElement, Chart, LinearScale, LogarithmicScale, Tooltip,
  type ChartConfiguration, type ScaleOptionsByType, type TooltipItem,
} from 'chart.js';
import { chartOverlay } from './chartOverlay';
import type { Plot } from './distribution';
import { formatCount, formatNumber } from './numbers';
import { themeColour, themeFontFamily } from './theme';

Chart.register(BarController, BarElement, LinearScale, LogarithmicScale, Tooltip);

export type BarChart = Chart<'bar', { x: number; y: number | null }[]>;
type BarConfiguration = ChartConfiguration<'bar', { x: number; y: number | null }[]>;

/** A logarithmic axis starts below one weight, so that a bin with a single one is seen. */
const LEAST_LOG_COUNT = 0.5;

/** The histogram as bars over their bins' centres, in the theme's colours of this moment. */
export function chartConfig(plot: Plot): BarConfiguration {
  const { bins, domain, logCounts } = plot;
  Chart.defaults.font.family = themeFontFamily();
  return {
    type: 'bar',
    data: {
      datasets: [{
        data: bins.map(({ from, to, count }) => ({ x: (from + to) / 2, y: logCounts && count === 0 ? null : count })),
        backgroundColor: themeColour('--histogram'),
        hoverBackgroundColor: themeColour('--text'),
        barPercentage: 1,
        categoryPercentage: 1,
        grouped: false,
      }],
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      parsing: false,
      normalized: true,
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: {
          type: 'linear', offset: false, min: domain[0], max: domain[1], ...axisStyle(), grid: { display: false },
          ticks: {
            ...tickStyle(), maxTicksLimit: 7, maxRotation: 0, includeBounds: false, callback: (value) => formatNumber(Number(value), 3),
          },
        },
        y: logCounts
          ? { type: 'logarithmic', min: LEAST_LOG_COUNT, max: 10 ** Math.ceil(Math.log10(plot.highestCount)), ...axisStyle(),
              ticks: { ...tickStyle(), callback: powerOfTen } }
          : { type: 'linear', min: 0, suggestedMax: plot.highestCount, ...axisStyle(),
              ticks: { ...tickStyle(), maxTicksLimit: 6, precision: 0, callback: (value) => formatCount(Number(value)) } },
      },
      plugins: tooltipPlugin(plot),
    },
    plugins: [chartOverlay(plot)],
  };
}

function axisStyle(): { grid: Partial<ScaleOptionsByType<'linear'>['grid']>; border: { color: string } } {
  const color = themeColour('--grid-line');
  return { grid: { color, drawTicks: false }, border: { color } };
}

function tickStyle(): { color: string; padding: number } {
  return { color: themeColour('--text-faint'), padding: 6 };
}

function powerOfTen(value: string | number): string {
  return Number.isInteger(Math.log10(Number(value))) ? formatCount(Number(value)) : '';
}

type PluginOptions = NonNullable<NonNullable<BarConfiguration['options']>['plugins']>;

function tooltipPlugin({ bins, statistics }: Plot): PluginOptions {
  const binOf = (items: readonly TooltipItem<'bar'>[]): (typeof bins)[number] | undefined => bins[items[0]?.dataIndex ?? -1];
  const colour = themeColour('--text');
  return {
    tooltip: {
      displayColors: false,
      backgroundColor: themeColour('--hover-background'),
      borderColor: themeColour('--hover-border'),
      borderWidth: 1,
      cornerRadius: 3,
      titleColor: colour,
      bodyColor: colour,
      callbacks: {
        title: (items) => {
          const bin = binOf(items);
          if (!bin) return '';
          return `[${formatNumber(bin.from, 5)}, ${formatNumber(bin.to, 5)}${bin === bins.at(-1) ? ']' : ')'}`;
        },
        label: (item) => {
          const count = binOf([item])?.count ?? 0;
          return l10n.t('{0} weights, {1} %', formatCount(count), formatNumber((count / statistics.count) * 100, 3));
        },
      },
    },
  };
}
