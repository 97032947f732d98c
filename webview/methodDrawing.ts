import * as l10n from '@vscode/l10n';
import { Chart, type Plugin } from 'chart.js';
import type { CurvePoint } from '../src/protocol/page';
import { roundingName } from '../src/protocol/roundingName';
import { labelPlace, type Pixel } from './labelPlace';
import { METHOD_MARKS } from './methodMarks';
import { heightAt, heightOf, isPoint, lineOf, shownMethods, type MethodPlot } from './methodPlot';
import type { RoundedPoint } from './outputPoints';
import { themeColour, type ThemeColour } from './theme';

const PREDICTED_DASH = [2, 3];
/** Radii in pixels of the rings around the planned and the chosen point. */
const PLANNED_RADIUS = 8;
const CHOSEN_RADIUS = 11;
const LABEL_FONT_PX = 11;
const ROUNDED_HALF_WIDTH = 9;

/** What is no line: predictions, the points with their shapes, and the rings around the planned and the chosen one. */
export function methodDrawing(plot: MethodPlot): Plugin<'line'> {
  const shapes = new Map(shownMethods(plot).map((method) => [method, new Path2D(METHOD_MARKS[method].path)]));
  return {
    id: 'marks',
    beforeDatasetsDraw(chart) {
      if (plot.showPredicted) for (const method of shapes.keys()) drawPredicted(chart, plot, method);
    },
    afterDatasetsDraw(chart) {
      const points = plot.points.filter(({ method }) => shapes.has(method)).sort((a, b) => rank(a, plot) - rank(b, plot));
      for (const point of points) {
        at(chart, plot, point, (ctx) => {
          drawMark(ctx, point, shapes.get(point.method)!);
          if (isPoint(point, plot.planned)) drawRing(ctx, PLANNED_RADIUS, '--text');
          if (isPoint(point, plot.chosen)) drawRing(ctx, CHOSEN_RADIUS, '--focus');
        });
      }
      drawPlannedLabel(chart, plot, points);
      const { rounded } = plot;
      if (rounded) drawAt(chart, pixelAt(chart, rounded.bits, heightAt(plot, rounded.bits, rounded.sqnrDb)), (ctx) => drawRounded(ctx, rounded));
    },
  };
}

/** What is planned or chosen is drawn last, over all others. */
function rank(point: CurvePoint, { planned, chosen }: MethodPlot): number {
  return isPoint(point, planned) ? 2 : isPoint(point, chosen) ? 1 : 0;
}

type Method = CurvePoint['method'];

function drawPredicted(chart: Chart, plot: MethodPlot, method: Method): void {
  const { x, y } = chart.scales;
  const { ctx } = chart;
  if (!x || !y) return;
  ctx.save();
  ctx.beginPath();
  ctx.setLineDash(PREDICTED_DASH);
  ctx.globalAlpha = 0.75;
  ctx.strokeStyle = themeColour(METHOD_MARKS[method].colour);
  for (const { bits, y: height } of lineOf(plot, method, 'predictedSqnrDb')) {
    ctx.lineTo(x.getPixelForValue(bits), y.getPixelForValue(height));
  }
  ctx.stroke();
  ctx.restore();
}

/** Hollow while it is approximate. */
function drawMark(ctx: CanvasRenderingContext2D, { method, sampled }: CurvePoint, shape: Path2D): void {
  const colour = themeColour(METHOD_MARKS[method].colour);
  ctx.fillStyle = sampled === null ? colour : themeColour('--page-background');
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5;
  ctx.fill(shape);
  ctx.stroke(shape);
}

function drawRing(ctx: CanvasRenderingContext2D, radius: number, colour: ThemeColour): void {
  ctx.strokeStyle = themeColour(colour);
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.arc(0, 0, radius, 0, 2 * Math.PI);
  ctx.stroke();
}

function drawPlannedLabel(chart: Chart, plot: MethodPlot, points: readonly CurvePoint[]): void {
  const pixels = points.flatMap((point) => pixelOf(chart, plot, point) ?? []);
  const planned = points.find((point) => isPoint(point, plot.planned));
  const at = planned && pixelOf(chart, plot, planned);
  if (!at) return;
  const text = l10n.t('planned');
  const size = { width: widthOf(chart.ctx, text), height: LABEL_FONT_PX + 4 };
  const { left, top } = labelPlace(at, size, CHOSEN_RADIUS + 1, pixels.filter(({ x, y }) => x !== at.x || y !== at.y), chart.chartArea);
  drawText(chart.ctx, text, left, top + LABEL_FONT_PX);
}

function widthOf(ctx: CanvasRenderingContext2D, text: string): number {
  ctx.font = `${LABEL_FONT_PX}px ${Chart.defaults.font.family}`;
  return ctx.measureText(text).width;
}

function drawText(ctx: CanvasRenderingContext2D, text: string, left: number, base: number): void {
  const width = widthOf(ctx, text);
  ctx.fillStyle = themeColour('--page-background');
  ctx.fillRect(left - 2, base - LABEL_FONT_PX, width + 4, LABEL_FONT_PX + 4);
  ctx.fillStyle = themeColour('--text');
  ctx.fillText(text, left, base);
}

/** A bar with a name beside it, at the last width on its left: no method's mark looks so. */
function drawRounded(ctx: CanvasRenderingContext2D, { bits, rounding }: RoundedPoint): void {
  ctx.strokeStyle = themeColour('--text');
  ctx.lineWidth = 2;
  ctx.beginPath();
  ctx.moveTo(-ROUNDED_HALF_WIDTH, 0);
  ctx.lineTo(ROUNDED_HALF_WIDTH, 0);
  ctx.stroke();
  const text = roundingName(rounding);
  const distance = ROUNDED_HALF_WIDTH + 2;
  drawText(ctx, text, bits === 8 ? -distance - widthOf(ctx, text) : distance, 4);
}

function at(chart: Chart, plot: MethodPlot, point: CurvePoint, draw: (ctx: CanvasRenderingContext2D) => void): void {
  drawAt(chart, pixelOf(chart, plot, point), draw);
}

function drawAt({ ctx }: Chart, pixel: Pixel | null, draw: (ctx: CanvasRenderingContext2D) => void): void {
  if (!pixel) return;
  ctx.save();
  ctx.translate(pixel.x, pixel.y);
  draw(ctx);
  ctx.restore();
}

function pixelOf(chart: Chart, plot: MethodPlot, point: CurvePoint): Pixel | null {
  return pixelAt(chart, point.bits, heightOf(plot, point));
}

function pixelAt({ scales: { x, y } }: Chart, bits: CurvePoint['bits'], height: number | null): Pixel | null {
  return x && y && height !== null ? { x: x.getPixelForValue(bits), y: y.getPixelForValue(height) } : null;
}
