import * as l10n from '@vscode/l10n';
import type { MethodId } from '../src/core/plan/layerSettings';
import type { CurvePoint } from '../src/protocol/page';
import { createChartFigure } from './chartFigure';
import type { LineData } from './chartStyle';
import { element, setAttributes, setText } from './dom';
import { methodConfig, nearestPoint } from './methodConfig';
import { createMethodLegend } from './methodLegend';
import { createMethodOptions, type ChartSwitches, type MethodOptionEvents } from './methodOptions';
import { methodsOf, pointAt, pointByKey, type MethodPlot, type PointId } from './methodPlot';
import { describeMethods, methodTables, pointFacts, pointText } from './methodText';
import { formatCount } from './numbers';
import { button } from './toolkit';

export interface MethodChart {
  element: HTMLElement;
  /** Null while nothing is known; `layers` is how many a choice would be for. */
  render(plot: MethodPlot | null, switches: ChartSwitches, layers: number): void;
}

export interface MethodChartEvents extends MethodOptionEvents {
  onToggle(method: MethodId): void;
  onChoose(point: PointId): void;
  /** The point is to go into the plan. */
  onUse(point: CurvePoint): void;
}

/** SQNR against bit width, a line a method; a point is chosen by mouse or keys and put into the plan. */
export function createMethodChart(events: MethodChartEvents): MethodChart {
  const legend = createMethodLegend(events.onToggle);
  const options = createMethodOptions(events);
  const note = element('p', 'hint');
  const approximate = element('p', 'hint');
  const point = element('span', 'point-text');
  const facts = element('span', 'hint');
  const use = button(l10n.t('Use this'), 'secondary', () => useChosen());
  const status = element('p', 'point-status', point, facts);
  status.setAttribute('aria-live', 'polite');
  const readout = element('div', 'readout', status, use);
  // What comes and goes with the points stands below what is clicked.
  const figure = createChartFigure<'line', LineData>('methods', readout, options.element, legend.element);
  const notes = element('div', 'chart-notes', note, approximate);
  const { drawing } = figure;
  let plot: MethodPlot | null = null;

  function useChosen(): void {
    const chosen = plot && pointAt(plot.points, plot.chosen);
    if (chosen) events.onUse(chosen);
  }
  /** At once, so that keys pressed before the next frame count. */
  function choose({ method, bits }: PointId): void {
    if (plot) plot = { ...plot, chosen: { method, bits } };
    events.onChoose({ method, bits });
  }
  drawing.tabIndex = 0;
  setAttributes(drawing, { role: 'application', 'aria-roledescription': l10n.t('chart') });
  const nearest = (event: MouseEvent): CurvePoint | null => {
    const chart = figure.chart();
    return (chart && plot && nearestPoint(chart, plot, event)) ?? null;
  };
  drawing.addEventListener('click', (event) => {
    const point = nearest(event);
    if (point) choose(point);
  });
  drawing.addEventListener('dblclick', (event) => {
    const point = nearest(event);
    if (point) events.onUse(point);
  });
  drawing.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !plot) return;
    const moved = pointByKey(event.key, plot);
    if (moved) choose(moved);
    else if (event.key === 'Enter') useChosen();
    else return;
    event.preventDefault();
  });

  return {
    element: element('div', 'method-chart', figure.element, notes),
    render(next, switches, layers) {
      plot = next;
      setText(note, switches.note);
      note.hidden = switches.note === '';
      notes.hidden = plot === null;
      if (!plot) return figure.render(null);
      const chosen = pointAt(plot.points, plot.chosen);
      legend.render(methodsOf(plot), plot.hidden);
      options.render(plot, switches);
      setText(point, chosen ? pointText(chosen) : l10n.t('Choose a point by a click or the arrow keys.'));
      setText(facts, chosen ? pointFacts(chosen) : '');
      use.disabled = !chosen;
      setText(use, layers === 1 ? l10n.t('Use this') : l10n.t('Use this for {0} layers', layers));
      use.title = l10n.t('Puts method, bits and granularity into the plan, as Enter in the chart does, or a double-click');
      setText(approximate, approximateText(plot.points));
      approximate.hidden = approximate.textContent === '';
      const label = plot.of === 'outputs'
        ? l10n.t('Output SQNR against bit width of {0}', plot.name)
        : l10n.t('SQNR against bit width of {0}', plot.name);
      drawing.setAttribute('aria-label', l10n.t('{0}: arrow keys move among the points, Enter uses one', label));
      const shown = plot;
      figure.render({ label, summary: describeMethods(plot), tables: () => methodTables(shown), config: methodConfig(plot) });
    },
  };
}

function approximateText(points: readonly CurvePoint[]): string {
  const sampled = points.flatMap((point) => point.sampled ?? []);
  if (sampled.length === 0) return '';
  const weights = formatCount(Math.min(...sampled));
  return l10n.t('Hollow points are approximate, over {0} weights, until all weights confirm them.', weights);
}
