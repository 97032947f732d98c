import * as l10n from '@vscode/l10n';
import type { Chart } from 'chart.js';
import { element, setAttributes, setText } from './dom';

/** Points that a page key goes on by, as a share of all. */
const PAGE = 0.1;

export interface ChartCursor {
  /** Where the point is said to those who do not see it. */
  element: HTMLElement;
  /** The chart was drawn anew. `text` of each of its points; null where there is nothing to walk along. A chart of the same name keeps its point. */
  render(label: string, text: ((point: number) => string) | null): void;
}

/** Walks along the points of a chart by keys: each is shown as it is under the mouse, and spoken. */
export function createChartCursor(drawing: HTMLElement, chartOf: () => Chart | null): ChartCursor {
  const spoken = element('p', 'visually-hidden');
  spoken.setAttribute('aria-live', 'polite');
  let text: ((point: number) => string) | null = null;
  let point: number | null = null;
  let walked = '';

  const show = (chart: Chart, next: number | null): void => {
    point = next;
    const active = next === null ? [] : [{ datasetIndex: 0, index: next }];
    const place = next === null ? undefined : chart.getDatasetMeta(0).data[next]?.getProps(['x', 'y']);
    chart.setActiveElements(active);
    chart.tooltip?.setActiveElements(active, { x: Number(place?.['x'] ?? 0), y: Number(place?.['y'] ?? 0) });
    chart.update();
    setText(spoken, next === null || !text ? '' : text(next));
  };
  drawing.addEventListener('keydown', (event) => {
    const chart = chartOf();
    if (event.ctrlKey || event.metaKey || event.altKey || !chart || !text || event.target !== drawing) return;
    const count = chart.data.datasets[0]?.data.length ?? 0;
    const next = event.key === 'Escape' && point !== null ? null : pointByKey(event.key, point, count);
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    show(chart, next);
  });
  drawing.addEventListener('blur', () => {
    const chart = chartOf();
    if (chart && point !== null) show(chart, null);
  });
  return {
    element: spoken,
    render(label, nextText) {
      text = nextText;
      const chart = chartOf();
      const stays = chart && label === walked && point !== null && point < (chart.data.datasets[0]?.data.length ?? 0);
      walked = label;
      if (stays && text) show(chart, point);
      else point = null;
      if (!text) return;
      drawing.tabIndex = 0;
      setAttributes(drawing, {
        role: 'application', 'aria-roledescription': l10n.t('chart'),
        'aria-label': l10n.t('{0}: arrow keys move along it', label),
      });
    },
  };
}

/** Where a key leads among `count` points; undefined where it is none of the chart's. */
export function pointByKey(key: string, from: number | null, count: number): number | undefined {
  if (count === 0) return undefined;
  const within = (to: number): number => Math.min(Math.max(to, 0), count - 1);
  const page = Math.max(Math.round(count * PAGE), 1);
  switch (key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return within((from ?? -1) + 1);
    case 'ArrowLeft':
    case 'ArrowDown':
      return within((from ?? count) - 1);
    case 'PageUp':
      return within((from ?? -1) + page);
    case 'PageDown':
      return within((from ?? count) - page);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}
