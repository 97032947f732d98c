import * as l10n from '@vscode/l10n';
import type { Chart, ChartConfiguration } from 'chart.js';
import { methodName } from '../src/protocol/methodName';
import type { CurvePoint } from '../src/protocol/page';
import { axisStyle, axisTitle, baseOptions, tickStyle, tooltipStyle, type LineData } from './chartStyle';
import { METHOD_MARKS } from './methodMarks';
import { methodDrawing } from './methodDrawing';
import { lineOf, rangeOf, shownMethods, type MethodPlot } from './methodPlot';
import { pointFacts, pointText } from './methodText';
import { formatNumber } from './numbers';
import { themeColour } from './theme';

export type LineChart = Chart<'line', LineData>;
type LineConfiguration = ChartConfiguration<'line', LineData>;

/** SQNR against bit width, a line a method; null when no method is to be seen. */
export function methodConfig(plot: MethodPlot): LineConfiguration | null {
  const range = rangeOf(plot);
  if (!range) return null;
  return {
    type: 'line',
    data: {
      datasets: shownMethods(plot).map((method) => ({
        label: methodName(method),
        data: lineOf(plot, method, 'sqnrDb').map(({ bits, y }) => ({ x: bits, y })),
        borderColor: themeColour(METHOD_MARKS[method].colour),
        borderWidth: 1.5,
        pointRadius: 0,
        pointHoverRadius: 0,
        pointHitRadius: 12,
      })),
    },
    options: {
      ...baseOptions(),
      interaction: { mode: 'nearest', intersect: false },
      scales: {
        x: {
          type: 'linear', min: 1.7, max: 8.3, ...axisStyle(), ...axisTitle(l10n.t('Bits')),
          afterBuildTicks: (axis) => {
            axis.ticks = [2, 3, 4, 5, 6, 7, 8].map((value) => ({ value }));
          },
          ticks: { ...tickStyle(), callback: String },
        },
        y: {
          type: 'linear', min: range[0], max: range[1], ...axisStyle(),
          ...axisTitle(heightTitle(plot)),
          ticks: { ...tickStyle(), maxTicksLimit: 7, includeBounds: false, callback: (value) => formatNumber(Number(value), 3) },
        },
      },
      plugins: {
        tooltip: {
          ...tooltipStyle(),
          callbacks: {
            title: () => '',
            label: ({ datasetIndex, parsed }) => {
              const point = pointOf(plot, datasetIndex, parsed.x);
              return point ? [pointText(point), ...pointFacts(point).split(' · ')] : '';
            },
          },
        },
      },
    },
    plugins: [methodDrawing(plot)],
  };
}

function heightTitle({ of, relative }: MethodPlot): string {
  if (of === 'outputs') return relative ? l10n.t('Output SQNR above Uniform (dB)') : l10n.t('Output SQNR (dB)');
  return relative ? l10n.t('SQNR above Uniform (dB)') : l10n.t('SQNR (dB)');
}

/** The point of the chart nearest to a mouse event. */
export function nearestPoint(chart: LineChart, plot: MethodPlot, event: MouseEvent): CurvePoint | undefined {
  const [nearest] = chart.getElementsAtEventForMode(event, 'nearest', { intersect: false }, false);
  const x = nearest && chart.data.datasets[nearest.datasetIndex]?.data[nearest.index]?.x;
  return nearest && pointOf(plot, nearest.datasetIndex, x ?? null);
}

function pointOf(plot: MethodPlot, line: number, x: number | null): CurvePoint | undefined {
  const method = shownMethods(plot)[line];
  return plot.points.find((point) => point.method === method && point.bits === x);
}
