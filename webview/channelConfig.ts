import * as l10n from '@vscode/l10n';
import type { Chart, ChartConfiguration, Plugin } from 'chart.js';
import { bandName, type ChannelBand } from './channelFigures';
import { axisStyle, axisTitle, baseOptions, tickStyle, tooltipStyle, type LineData } from './chartStyle';
import { formatCount, formatDb, formatNumber } from './numbers';
import { themeColour, type ThemeColour } from './theme';

type LineConfiguration = ChartConfiguration<'line', LineData>;

/** A vertical bar over a band of channels, in the y axis' units. */
interface Bar {
  from: number;
  to: number;
  /** Of the bands' spacing. */
  width: number;
  colour: ThemeColour;
  opacity: number;
}

/** Bars are as wide as their band, up to this many pixels, and never narrower than one. */
const MOST_PIXELS = 14;
/** Room above and below, as a share of the range. */
const MARGIN = 0.05;
/** Worst and best of a band that are one are drawn as a bar this high, as a share of the range. */
const LEAST_BAR = 0.025;

/** Least to greatest weight of each channel, and one standard deviation about zero. */
export function rangeConfig(bands: readonly ChannelBand[]): LineConfiguration {
  const domain = withMargin(Math.min(...bands.map(({ min }) => min)), Math.max(...bands.map(({ max }) => max)));
  return config(bands, domain, l10n.t('Weight'), bands.map(({ min, max, std }): Bar[] => [
    { from: min, to: max, width: 0.8, colour: '--histogram', opacity: 0.55 },
    { from: Math.max(min, -std), to: Math.min(max, std), width: 0.8, colour: '--histogram', opacity: 1 },
  ]), (band) => rangeText(band), ({ max }) => max);
}

/** SQNR of each channel, the worst and the best where a band is of several. Null where none is finite. */
export function errorConfig(bands: readonly ChannelBand[]): LineConfiguration | null {
  const known = bands.flatMap(({ worstDb, bestDb }) => (worstDb === null || bestDb === null ? [] : [worstDb, bestDb]));
  if (known.length === 0) return null;
  const [least, greatest] = [Math.min(...known), Math.max(...known)];
  const domain = withMargin(least, greatest);
  const half = ((domain[1] - domain[0]) * LEAST_BAR) / 2;
  return config(bands, domain, l10n.t('SQNR (dB)'), bands.map(({ worstDb, bestDb }): Bar[] => (
    worstDb === null || bestDb === null ? [] : [{ from: worstDb - half, to: bestDb + half, width: 0.8, colour: '--errors', opacity: 1 }]
  )), (band) => errorText(band), ({ worstDb }) => worstDb ?? least);
}

/** A band in words: range and spread. */
export function rangeText({ min, max, std }: ChannelBand): string {
  return l10n.t('{0} to {1}, std. deviation {2}', formatNumber(min), formatNumber(max), formatNumber(std));
}

/** A band in words: its SQNR, from the worst to the best channel. */
export function errorText({ worstDb, bestDb }: ChannelBand): string {
  if (worstDb === null) return l10n.t('SQNR is not finite');
  return worstDb === bestDb
    ? l10n.t('SQNR {0} dB', formatDb(worstDb))
    : l10n.t('SQNR {0} to {1} dB', formatDb(worstDb), formatDb(bestDb));
}

function config(
  bands: readonly ChannelBand[], domain: [number, number], title: string, bars: readonly Bar[][],
  text: (band: ChannelBand) => string, height: (band: ChannelBand) => number,
): LineConfiguration {
  const [first, last] = [bands[0], bands.at(-1)];
  return {
    type: 'line',
    data: {
      datasets: [{
        data: bands.map((band) => ({ x: centre(band), y: height(band) })),
        showLine: false, pointRadius: 0, pointHoverRadius: 4, pointHitRadius: 8,
        pointHoverBackgroundColor: themeColour('--text'), pointHoverBorderColor: themeColour('--page-background'),
      }],
    },
    options: {
      ...baseOptions(),
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: {
          type: 'linear', min: (first?.first ?? 0) - 0.5, max: (last?.last ?? 0) + 0.5, ...axisStyle(), grid: { display: false },
          ...axisTitle(l10n.t('Output channel')),
          ticks: { ...tickStyle(), maxTicksLimit: 7, precision: 0, includeBounds: false, callback: (value) => formatCount(Number(value)) },
        },
        y: {
          type: 'linear', min: domain[0], max: domain[1], ...axisStyle(), ...axisTitle(title),
          ticks: { ...tickStyle(), maxTicksLimit: 6, includeBounds: false, callback: (value) => formatNumber(Number(value), 3) },
        },
      },
      plugins: {
        tooltip: {
          ...tooltipStyle(),
          callbacks: {
            title: ([item]) => nameOf(bands[item?.dataIndex ?? -1]),
            label: ({ dataIndex }) => {
              const band = bands[dataIndex];
              return band ? text(band) : '';
            },
          },
        },
      },
    },
    plugins: [drawnBars(bands, bars)],
  };
}

function nameOf(band: ChannelBand | undefined): string {
  return band ? bandName(band) : '';
}

function centre({ first, last }: ChannelBand): number {
  return (first + last) / 2;
}

function withMargin(least: number, greatest: number): [number, number] {
  const margin = (greatest - least) * MARGIN || Math.abs(greatest) * MARGIN || 1;
  return [least - margin, greatest + margin];
}

/** Each band's bars, at its place. */
function drawnBars(bands: readonly ChannelBand[], bars: readonly Bar[][]): Plugin<'line'> {
  return {
    id: 'bars',
    beforeDatasetsDraw(chart: Chart) {
      const { ctx, chartArea, scales: { x, y } } = chart;
      if (!x || !y) return;
      const spacing = chartArea.width / bands.length;
      ctx.save();
      bands.forEach((band, i) => {
        const pixel = x.getPixelForValue(centre(band));
        for (const { from, to, width, colour, opacity } of bars[i] ?? []) {
          const pixels = Math.max(Math.min(spacing * width, MOST_PIXELS), 1);
          const [top, bottom] = [y.getPixelForValue(to), y.getPixelForValue(from)];
          ctx.globalAlpha = opacity;
          ctx.fillStyle = themeColour(colour);
          ctx.fillRect(pixel - pixels / 2, top, pixels, Math.max(bottom - top, 1));
        }
      });
      ctx.restore();
    },
  };
}
