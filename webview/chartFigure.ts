import { Chart, type ChartConfiguration, type ChartType } from 'chart.js';
import { createChartCursor } from './chartCursor';
import { createChartExport } from './chartExport';
import { createChartTable, type TableData } from './chartTable';
import { element, setAttributes, setText } from './dom';

export interface ChartContent<Type extends ChartType, Data> {
  /** The chart's name. */
  label: string;
  /** The chart in words, for those who do not see it. */
  summary: string;
  tables: () => readonly TableData[];
  /** Null where there is nothing to draw. */
  config: ChartConfiguration<Type, Data> | null;
  /** Each point of the first data set in words, where keys are to walk along them and do nothing else. */
  pointText?: (point: number) => string;
}

export interface ChartFigure<Type extends ChartType, Data> {
  element: HTMLElement;
  /** The box around the canvas, for what lies over it. */
  drawing: HTMLElement;
  canvas: HTMLCanvasElement;
  chart(): Chart<Type, Data> | null;
  /** Draws the chart anew, in the theme's colours of this moment. Null takes it away. */
  render(content: ChartContent<Type, Data> | null): void;
}

/**
 * What every chart of the page has: a canvas with a name and a summary, `parts` below it, a cursor for the keyboard, a twin
 * in numbers, and both as files.
 */
export function createChartFigure<Type extends ChartType, Data>(
  id: string, ...parts: readonly HTMLElement[]
): ChartFigure<Type, Data> {
  const canvas = element('canvas');
  const summary = element('p', 'visually-hidden');
  summary.id = `${id}-summary`;
  setAttributes(canvas, { role: 'img', 'aria-describedby': summary.id });
  const drawing = element('div', 'drawing', canvas);
  const twin = createChartTable();
  let chart: Chart<Type, Data> | null = null;
  const cursor = createChartCursor(drawing, () => chart as Chart | null);
  const files = createChartExport(canvas);
  const figure = element('figure', `chart-figure ${id}`, drawing, summary, cursor.element, ...parts,
    element('div', 'chart-twins', twin.element, files.element));
  return {
    element: figure,
    drawing,
    canvas,
    chart: () => chart,
    render(content) {
      chart?.destroy();
      chart = null;
      figure.hidden = content === null;
      if (!content) return;
      const { label, tables, config, pointText } = content;
      canvas.setAttribute('aria-label', label);
      setText(summary, content.summary);
      twin.render(tables);
      files.render(label, tables, config !== null);
      drawing.hidden = config === null;
      if (config) chart = new Chart(canvas, config);
      cursor.render(label, pointText ?? null);
    },
  };
}
