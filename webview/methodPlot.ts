import type { BitWidth, MethodId } from '../src/core/plan/layerSettings';
import type { CurvePoint, PlanRow } from '../src/protocol/page';
import { METHOD_ORDER } from './methodMarks';
import type { RoundedPoint } from './outputPoints';

/** Names one point of the chart. */
export interface PointId {
  method: MethodId;
  bits: BitWidth;
}

/** What the chart of all methods shows of a layer. */
export interface MethodPlot {
  name: string;
  /** Whose error the points are. */
  of: 'weights' | 'outputs';
  points: readonly CurvePoint[];
  hidden: ReadonlySet<MethodId>;
  showPredicted: boolean;
  /** Heights are decibels above the uniform quantizer's measured SQNR at the same width, not SQNR itself. */
  relative: boolean;
  /** What the plan says, where it is one of the points. */
  planned: PointId | null;
  /** Where the keyboard is, or what was clicked last. */
  chosen: PointId | null;
  /** Of outputs, where the planned rounding brings them. */
  rounded: RoundedPoint | null;
}

/** Room above and below the lines, as a share of their range, and in dB where that is nothing. */
const MARGIN = 0.06;
const LEAST_MARGIN_DB = 0.2;

export function isPoint(point: PointId, id: PointId | null): boolean {
  return point.method === id?.method && point.bits === id.bits;
}

export function pointAt(points: readonly CurvePoint[], id: PointId | null): CurvePoint | undefined {
  return points.find((point) => isPoint(point, id));
}

type SqnrFigure = 'sqnrDb' | 'predictedSqnrDb';

/** How high a point stands, in dB; null where nothing is lost or there is nothing to compare it with. */
export function heightOf(plot: MethodPlot, point: CurvePoint, figure: SqnrFigure = 'sqnrDb'): number | null {
  return heightAt(plot, point.bits, point[figure]);
}

/** The same of any SQNR at a width. */
export function heightAt({ points, relative }: MethodPlot, bits: BitWidth, sqnrDb: number | null): number | null {
  if (sqnrDb === null || !relative) return sqnrDb;
  const base = pointAt(points, { method: 'uniform', bits })?.sqnrDb ?? null;
  return base === null ? null : sqnrDb - base;
}

/** A method's line by bit width, as far as its points have a height. */
export function lineOf(plot: MethodPlot, method: MethodId, figure: SqnrFigure): { bits: BitWidth; y: number }[] {
  return plot.points
    .flatMap((point) => {
      const y = point.method === method ? heightOf(plot, point, figure) : null;
      return y === null ? [] : [{ bits: point.bits, y }];
    })
    .sort((a, b) => a.bits - b.bits);
}

/** The methods that have points, in the order of the legend. */
export function methodsOf({ points }: Pick<MethodPlot, 'points'>): MethodId[] {
  return METHOD_ORDER.filter((method) => points.some((point) => point.method === method));
}

export function shownMethods(plot: MethodPlot): MethodId[] {
  return methodsOf(plot).filter((method) => !plot.hidden.has(method));
}

/** The least and the greatest SQNR that is drawn, with some room; null when nothing is. */
export function rangeOf(plot: MethodPlot): [number, number] | null {
  const figures = plot.showPredicted ? ['sqnrDb', 'predictedSqnrDb'] as const : ['sqnrDb'] as const;
  const ys = shownMethods(plot).flatMap((method) => figures.flatMap((figure) => lineOf(plot, method, figure).map(({ y }) => y)));
  if (ys.length === 0) return null;
  const rounded = plot.rounded && heightAt(plot, plot.rounded.bits, plot.rounded.sqnrDb);
  if (rounded !== null) ys.push(rounded);
  const [least, greatest] = [Math.min(...ys), Math.max(...ys)];
  const margin = Math.max((greatest - least) * MARGIN, LEAST_MARGIN_DB);
  return [least - margin, greatest + margin];
}

/** What the plan says of the layer as a point of the chart; what was only tried is none. */
export function plannedPoint(points: readonly CurvePoint[], plan: PlanRow | null): PointId | null {
  const planned = points.find(({ method, bits }) => method === plan?.method && bits === plan.bits);
  return planned && planned.granularity === plan?.granularity ? { method: planned.method, bits: planned.bits } : null;
}

/** Where a key leads: left and right along a line, up and down among the lines at one width. Null: not the chart's. */
export function pointByKey(key: string, plot: MethodPlot): PointId | null {
  const shown = shownMethods(plot);
  const points = plot.points.filter(({ method }) => shown.includes(method));
  const from = pointAt(points, plot.chosen) ?? points[0];
  if (!from) return null;
  if (!pointAt(points, plot.chosen)) return /^(Arrow|Home|End)/.test(key) ? from : null;
  const line = points.filter(({ method }) => method === from.method).sort((a, b) => a.bits - b.bits);
  const column = points.filter(({ bits }) => bits === from.bits).sort((a, b) => (a.sqnrDb ?? Infinity) - (b.sqnrDb ?? Infinity));
  const along = (points: readonly CurvePoint[], step: number): PointId => points[points.indexOf(from) + step] ?? from;
  switch (key) {
    case 'ArrowRight':
      return along(line, 1);
    case 'ArrowLeft':
      return along(line, -1);
    case 'ArrowUp':
      return along(column, 1);
    case 'ArrowDown':
      return along(column, -1);
    case 'Home':
      return line[0] ?? from;
    case 'End':
      return line.at(-1) ?? from;
    default:
      return null;
  }
}
