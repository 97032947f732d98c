import { Chart, type Plugin, type Scale } from 'chart.js';
import type { PageSupportCurve } from '../src/protocol/page';
import { placeFlags, type PlacedFlag } from './labelLanes';
import { formatNumber } from './numbers';
import { GREATEST_LIMIT } from './supportLimit';
import { themeColour } from './theme';

/** Of a line of labels, in pixels. */
const LANE_HEIGHT = 14;
const LABEL_FONT_PX = 11;
/** The widest that the y axis gets, in pixels. */
const AXIS_WIDTH = 60;
/** Between a pole and its text. */
const TEXT_GAP = 4;
/** Named choices closer than this, in standard deviations, share a label. */
const SAME_LIMIT = 0.02;

/** A named choice, or several that come to the same limit. */
export interface NamedLabel {
  limit: number;
  /** Where its pole stands: at the chart's edge, where the limit lies beyond. */
  at: number;
  sqnrDb: number | null;
  text: string;
}

/** A label on its pole, in pixels. */
type PlacedLabel = NamedLabel & PlacedFlag & { pixel: number };

/** Named choices from the least to the greatest limit, those that come to the same with one text. */
export function namedLabels({ named }: PageSupportCurve): NamedLabel[] {
  const labels: { limit: number; names: string[]; sqnrDb: number | null }[] = [];
  for (const { limit, region, sqnrDb } of [...named].sort((a, b) => a.limit - b.limit)) {
    const last = labels.at(-1);
    if (last && limit - last.limit <= SAME_LIMIT) last.names.push(region);
    else labels.push({ limit, names: [region], sqnrDb });
  }
  return labels.map(({ limit, names, sqnrDb }) => {
    const text = names.join(', ');
    const isBeyond = limit > GREATEST_LIMIT;
    const shown = isBeyond ? `${text} ${formatNumber(limit, 3)} →` : text;
    return { limit, at: Math.min(limit, GREATEST_LIMIT), sqnrDb, text: shown };
  });
}

/** How high the flags stand above the chart, in pixels, told before it is laid out. */
export function flagsHeight(chart: Chart, labels: readonly NamedLabel[]): number {
  const pixelOf = (limit: number): number => AXIS_WIDTH + (limit / GREATEST_LIMIT) * (chart.width - AXIS_WIDTH);
  const lanes = 1 + Math.max(-1, ...placedLabels(chart, labels, pixelOf, chart.width).map(({ lane }) => lane));
  return lanes * LANE_HEIGHT + 4;
}

function placedLabels(
  { ctx }: Chart, labels: readonly NamedLabel[], pixelOf: (limit: number) => number, right: number,
): PlacedLabel[] {
  ctx.save();
  ctx.font = `${LABEL_FONT_PX}px ${Chart.defaults.font.family}`;
  const poles = labels.map((label) => ({ at: pixelOf(label.at), width: ctx.measureText(label.text).width + TEXT_GAP }));
  ctx.restore();
  const places = placeFlags(poles, right);
  return labels.map((label, i) => ({ ...label, ...places[i]!, pixel: poles[i]!.at }));
}

/** Flags of the named choices: poles stand on the measured line; hollow feet are approximate. */
export function flags(labels: readonly NamedLabel[], exact: boolean): Plugin<'line'> {
  return {
    id: 'flags',
    afterDatasetsDraw(chart) {
      const { ctx, chartArea, scales: { x, y } } = chart;
      if (!x || !y) return;
      ctx.save();
      ctx.font = `${LABEL_FONT_PX}px ${Chart.defaults.font.family}`;
      ctx.strokeStyle = themeColour('--text-faint');
      ctx.fillStyle = themeColour('--text');
      for (const label of placedLabels(chart, labels, (limit) => x.getPixelForValue(limit), chartArea.right)) {
        drawFlag(chart, y, label);
      }
      for (const { at, limit, sqnrDb } of labels) {
        if (sqnrDb !== null && limit <= GREATEST_LIMIT) drawDot(ctx, x.getPixelForValue(at), y.getPixelForValue(sqnrDb), exact);
      }
      ctx.restore();
    },
  };
}

/** The pole of a text that had to be moved left starts below it. */
function drawFlag({ ctx, chartArea }: Chart, y: Scale, { limit, sqnrDb, text, left, lane, pixel }: PlacedLabel): void {
  const base = chartArea.top - 6 - lane * LANE_HEIGHT;
  const foot = sqnrDb === null || limit > GREATEST_LIMIT ? chartArea.top : y.getPixelForValue(sqnrDb);
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(pixel, left === pixel ? base - LABEL_FONT_PX + 2 : base + 3);
  ctx.lineTo(pixel, foot);
  ctx.stroke();
  ctx.fillText(text, left === pixel ? left + TEXT_GAP : left, base);
}

function drawDot(ctx: CanvasRenderingContext2D, x: number, y: number, filled: boolean): void {
  ctx.beginPath();
  ctx.arc(x, y, 3.5, 0, 2 * Math.PI);
  ctx.fillStyle = themeColour(filled ? '--histogram' : '--page-background');
  ctx.strokeStyle = themeColour('--histogram');
  ctx.lineWidth = 1.5;
  ctx.fill();
  ctx.stroke();
}
