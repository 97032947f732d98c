import type { Chart, ChartArea, Plugin, Scale } from 'chart.js';
import type { Plot } from './distribution';
import { themeColour, type ThemeColour } from './theme';

/** Sizes in pixels of the marks on the x axis; where levels are crowded, their marks are smaller and thresholds left out. */
const LEVEL_HEIGHT = 26;
const LEVEL_WIDTH = 2;
const CROWDED_LEVEL_HEIGHT = 7;
const CROWDED_LEVEL_WIDTH = 0.5;
const THRESHOLD_HEIGHT = 10;
const CROWDED_SPACING = 5;
/** Half of it shows where bars stand before it. */
const GHOST_WIDTH = 2;
/** The two densities differ in more than their colour. */
const GAUSS_DASH = [7, 4];

/**
 * Draws over the bars what is no data set: fitted densities, levels, thresholds and clip limits. `onLimits` is told where the
 * limits are, in pixels.
 */
export function chartOverlay(plot: Plot, onLimits: (low: number, high: number, area: ChartArea) => void): Plugin<'bar'> {
  return {
    id: 'overlay',
    beforeDatasetsDraw: (chart) => drawGhost(chart, plot.ghost),
    afterDatasetsDraw(chart) {
      const { x, y } = chart.scales;
      if (!x || !y) return;
      const { ctx, chartArea } = chart;
      ctx.save();
      ctx.beginPath();
      ctx.rect(chartArea.left, chartArea.top, chartArea.width, chartArea.height);
      ctx.clip();
      if (plot.codebook) {
        const [low, high] = plot.codebook.support;
        drawCodebook(chart, x, plot.codebook);
        onLimits(pixelOf(chart, x, low), pixelOf(chart, x, high), chartArea);
      }
      if (plot.laplace) drawDensity(chart, x, y, plot.laplace, '--laplace', []);
      if (plot.showGauss && plot.gauss) drawDensity(chart, x, y, plot.gauss, '--gauss', GAUSS_DASH);
      ctx.restore();
    },
  };
}

/** The outline of a histogram, behind the bars. */
function drawGhost({ ctx, chartArea, scales: { x, y } }: Chart, ghost: Plot['ghost']): void {
  if (!x || !y || ghost.length === 0) return;
  const height = (count: number): number => y.getPixelForValue(Math.max(count, y.min));
  ctx.save();
  ctx.beginPath();
  ctx.rect(chartArea.left, chartArea.top, chartArea.width, chartArea.height);
  ctx.clip();
  ctx.beginPath();
  ctx.moveTo(x.getPixelForValue(ghost[0]!.from), chartArea.bottom);
  for (const { from, to, count } of ghost) {
    ctx.lineTo(x.getPixelForValue(from), height(count));
    ctx.lineTo(x.getPixelForValue(to), height(count));
  }
  ctx.lineTo(x.getPixelForValue(ghost.at(-1)!.to), chartArea.bottom);
  ctx.lineWidth = GHOST_WIDTH;
  ctx.strokeStyle = themeColour('--ghost');
  ctx.stroke();
  ctx.restore();
}

function drawCodebook(chart: Chart, x: Scale, { levels, thresholds, support }: NonNullable<Plot['codebook']>): void {
  const { bottom, top } = chart.chartArea;
  const extent = x.getPixelForValue(levels.at(-1) ?? 0) - x.getPixelForValue(levels[0] ?? 0);
  const spacing = extent / Math.max(levels.length - 1, 1);
  const crowded = spacing < CROWDED_SPACING;
  const [height, width] = crowded ? [CROWDED_LEVEL_HEIGHT, CROWDED_LEVEL_WIDTH] : [LEVEL_HEIGHT, LEVEL_WIDTH];
  if (!crowded) {
    for (const threshold of thresholds) drawVertical(chart, x, threshold, bottom - THRESHOLD_HEIGHT, '--thresholds', 1);
  }
  for (const level of levels) drawVertical(chart, x, level, bottom - height, '--levels', width);
  for (const limit of support) drawVertical(chart, x, limit, top, '--limits', 1.5, [5, 4]);
}

/** Within the chart: what lies beyond is drawn at its edge. */
function pixelOf({ chartArea }: Chart, x: Scale, at: number): number {
  return Math.min(Math.max(x.getPixelForValue(at), chartArea.left), chartArea.right);
}

function drawVertical(
  chart: Chart, x: Scale, at: number, top: number, colour: ThemeColour, width: number, dash: number[] = []
): void {
  const { ctx, chartArea } = chart;
  const half = width / 2;
  const pixel = Math.min(Math.max(pixelOf(chart, x, at), chartArea.left + half), chartArea.right - half);
  ctx.beginPath();
  ctx.setLineDash(dash);
  ctx.lineWidth = width;
  ctx.strokeStyle = themeColour(colour);
  ctx.moveTo(pixel, chartArea.bottom);
  ctx.lineTo(pixel, top);
  ctx.stroke();
}

/** One point a pixel, so that the peak of a narrow density is not missed between bins. */
function drawDensity(
  chart: Chart, x: Scale, y: Scale, countAt: (x: number) => number, colour: ThemeColour, dash: number[]
): void {
  const { ctx, chartArea } = chart;
  ctx.beginPath();
  ctx.setLineDash(dash);
  ctx.lineWidth = 2;
  ctx.strokeStyle = themeColour(colour);
  for (let pixel = chartArea.left; pixel <= chartArea.right; pixel++) {
    const value = x.getValueForPixel(pixel);
    if (value === undefined) continue;
    ctx.lineTo(pixel, y.getPixelForValue(Math.max(countAt(value), y.min)));
  }
  ctx.stroke();
}
