import * as l10n from '@vscode/l10n';
import { Chart, type Plugin } from 'chart.js';
import type { CurvePoint } from '../src/protocol/page';
import { roundingName } from '../src/protocol/roundingName';
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
          if (isPoint(point, plot.planned)) drawLabel(ctx, point, l10n.t('planned'));
        });
      }
      const { rounded } = plot;
      if (rounded) atHeight(chart, rounded.bits, heightAt(plot, rounded.bits, rounded.sqnrDb), (ctx) => drawRounded(ctx, rounded));
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
  ctx.fillStyle = sampled === null ? colour : themeColour('--background');
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

/** Below the point and to its right, where lines that rise leave room; at the last width to its left. */
function drawLabel(ctx: CanvasRenderingContext2D, { bits }: CurvePoint, text: string): void {
  drawText(ctx, text, bits, -CHOSEN_RADIUS - 4, CHOSEN_RADIUS + LABEL_FONT_PX);
}

/** Ends at `end`, left of a point of the last width, or begins as far to the right of another. */
function drawText(ctx: CanvasRenderingContext2D, text: string, bits: CurvePoint['bits'], end: number, base: number): void {
  ctx.font = `${LABEL_FONT_PX}px ${Chart.defaults.font.family}`;
  const { width } = ctx.measureText(text);
  const left = bits === 8 ? end - width : -end;
  ctx.fillStyle = themeColour('--background');
  ctx.fillRect(left - 2, base - LABEL_FONT_PX, width + 4, LABEL_FONT_PX + 4);
  ctx.fillStyle = themeColour('--text');
  ctx.fillText(text, left, base);
}

/** A bar with a name beside it: no method's mark looks so. */
function drawRounded(ctx: CanvasRenderingContext2D, { bits, rounding }: RoundedPoint): void {
  ctx.strokeStyle = themeColour('--text');
  ctx.lineWidth = 2;
  ctx.beginPath();
  ctx.moveTo(-ROUNDED_HALF_WIDTH, 0);
  ctx.lineTo(ROUNDED_HALF_WIDTH, 0);
  ctx.stroke();
  drawText(ctx, roundingName(rounding), bits, -ROUNDED_HALF_WIDTH - 2, 4);
}

function at(chart: Chart, plot: MethodPlot, point: CurvePoint, draw: (ctx: CanvasRenderingContext2D) => void): void {
  atHeight(chart, point.bits, heightOf(plot, point), draw);
}

function atHeight(
  chart: Chart, bits: CurvePoint['bits'], height: number | null, draw: (ctx: CanvasRenderingContext2D) => void,
): void {
  const { x, y } = chart.scales;
  if (!x || !y || height === null) return;
  chart.ctx.save();
  chart.ctx.translate(x.getPixelForValue(bits), y.getPixelForValue(height));
  draw(chart.ctx);
  chart.ctx.restore();
}
