import * as l10n from '@vscode/l10n';
import { Chart, type ChartConfiguration, type Plugin, type Scale } from 'chart.js';
import type { AllocationChoice } from '../src/protocol/allocationPage';
import {
  chosenOf, choiceText, costOf, seriesName, seriesOf, widthsText, worstText, type AllocationPlot, type Series, type SeriesId,
} from './allocationPlot';
import { axisStyle, axisTitle, baseOptions, tickStyle, tooltipStyle, type LineData } from './chartStyle';
import { formatTick } from './numbers';
import { sizeTicks } from './sizeTicks';
import { themeColour, type ThemeColour } from './theme';

type LineChart = Chart<'line', LineData>;

/** Width of the first point where all layers have the same. */
const NARROWEST = 2;
const CHOSEN_RADIUS = 8;
const CODING_LENGTH_DASH = [5, 3];
/** Lines and marks differ in more than their colour. */
const LOOKS: Record<SeriesId, { colour: ThemeColour; radius: number; shape: 'circle' | 'triangle' | 'rect' | 'rectRot' }> = {
  optimal: { colour: '--histogram', radius: 2.5, shape: 'circle' },
  codingLength: { colour: '--theory', radius: 3, shape: 'triangle' },
  equal: { colour: '--text', radius: 4.5, shape: 'rect' },
  found: { colour: '--limits', radius: 6, shape: 'rectRot' },
};

/** Error against cost, a line for each way to choose, equal widths marked; null where nothing is lost at any cost. */
export function allocationConfig(plot: AllocationPlot): ChartConfiguration<'line', LineData> | null {
  const series = drawnSeries(plot);
  if (series.length === 0) return null;
  const { unit } = plot;
  return {
    type: 'line',
    data: {
      datasets: series.map(({ id, points }) => ({
        label: seriesName(id),
        data: points.map((point) => ({ x: costOf(point, unit), y: point.noiseDb! })),
        showLine: id === 'optimal' || id === 'codingLength',
        borderColor: themeColour(LOOKS[id].colour),
        backgroundColor: themeColour(LOOKS[id].colour),
        borderDash: id === 'codingLength' ? CODING_LENGTH_DASH : [],
        borderWidth: 1.5,
        pointRadius: LOOKS[id].radius,
        pointHoverRadius: LOOKS[id].radius,
        pointStyle: LOOKS[id].shape,
        pointHitRadius: 10,
      })),
    },
    options: {
      ...baseOptions(),
      layout: { padding: { top: 14, right: 14 } },
      interaction: { mode: 'nearest', intersect: false },
      scales: {
        x: unit === 'bytes' ? sizeAxis(series) : {
          type: 'linear', ...axisStyle(), ...axisTitle(l10n.t('Bits on average')),
          ticks: { ...tickStyle(), maxTicksLimit: 9, callback: (value) => formatTick(Number(value)) },
        },
        y: {
          type: 'linear', ...axisStyle(), ...axisTitle(l10n.t('Error summed over layers (dB)')),
          ticks: { ...tickStyle(), maxTicksLimit: 8, callback: (value) => formatTick(Number(value)) },
        },
      },
      plugins: {
        tooltip: {
          ...tooltipStyle(),
          callbacks: {
            title: ([item]) => (item ? seriesName(series[item.datasetIndex]!.id) : ''),
            label: ({ datasetIndex, dataIndex }) => {
              const point = series[datasetIndex]?.points[dataIndex];
              return point ? [...choiceText(point).split(' · '), worstText(point, plot.choices.by), widthsText(point)] : '';
            },
          },
        },
      },
    },
    plugins: [marks(plot, series)],
  };
}

function sizeAxis(series: readonly Series[]) {
  const sizes = series.flatMap(({ points }) => points.map(({ bytes }) => bytes));
  const ticks = sizeTicks(Math.min(...sizes), Math.max(...sizes));
  return {
    type: 'linear' as const, ...axisStyle(), ...axisTitle(l10n.t('Size on disk')), min: ticks[0]!.value, max: ticks.at(-1)!.value,
    ticks: { ...tickStyle(), maxRotation: 0, callback: (_value: number | string, index: number) => ticks[index]?.label },
    afterBuildTicks(axis: Scale) {
      axis.ticks = ticks.map(({ value }) => ({ value }));
    },
  };
}

/** The choice nearest to a mouse event. */
export function nearestChoice(chart: LineChart, plot: AllocationPlot, event: MouseEvent): AllocationChoice | undefined {
  const [nearest] = chart.getElementsAtEventForMode(event, 'nearest', { intersect: false }, false);
  return nearest && drawnSeries(plot)[nearest.datasetIndex]?.points[nearest.index];
}

/** No line leads to where nothing is lost. */
function drawnSeries(plot: AllocationPlot): Series[] {
  return seriesOf(plot)
    .map(({ id, points }) => ({ id, points: points.filter(({ noiseDb }) => noiseDb !== null) }))
    .filter(({ points }) => points.length > 0);
}

/** A ring around the chosen point, and the widths of those where all layers have the same. */
function marks(plot: AllocationPlot, series: readonly Series[]): Plugin<'line'> {
  return {
    id: 'marks',
    afterDatasetsDraw(chart) {
      for (const point of series.find(({ id }) => id === 'equal')?.points ?? []) {
        at(chart, plot, point, (ctx) => {
          ctx.fillStyle = themeColour('--text');
          ctx.font = `11px ${Chart.defaults.font.family}`;
          ctx.fillText(String(plot.choices.equal.indexOf(point) + NARROWEST), 7, -6);
        });
      }
      const chosen = chosenOf(plot)?.point;
      if (chosen) at(chart, plot, chosen, ring);
    },
  };
}

function ring(ctx: CanvasRenderingContext2D): void {
  ctx.strokeStyle = themeColour('--focus');
  ctx.lineWidth = 2;
  ctx.beginPath();
  ctx.arc(0, 0, CHOSEN_RADIUS, 0, 2 * Math.PI);
  ctx.stroke();
}

function at(
  chart: Chart, { unit }: AllocationPlot, point: AllocationChoice, draw: (ctx: CanvasRenderingContext2D) => void,
): void {
  const { x, y } = chart.scales;
  if (!x || !y || point.noiseDb === null) return;
  chart.ctx.save();
  chart.ctx.translate(x.getPixelForValue(costOf(point, unit)), y.getPixelForValue(point.noiseDb));
  draw(chart.ctx);
  chart.ctx.restore();
}
