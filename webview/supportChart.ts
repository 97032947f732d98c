import * as l10n from '@vscode/l10n';
import type { PageSupportCurve } from '../src/protocol/page';
import { createChartFigure } from './chartFigure';
import { decibelCell, numberCell, type TableCell, type TableData } from './chartTable';
import type { LineData } from './chartStyle';
import { element, setAttributes, setText } from './dom';
import { createDragHandle, onDrag } from './dragHandle';
import { formatCount, formatDb, formatNumber } from './numbers';
import { granularityText } from './rowText';
import { supportConfig } from './supportConfig';
import { GREATEST_LIMIT, LEAST_LIMIT, limitByKey, limitText, snapped, type SupportLimit } from './supportLimit';
import { button } from './toolkit';

/** The pointer catches a named choice from this many pixels. */
const SNAP_PX = 5;

export interface SupportView {
  name: string;
  curve: PageSupportCurve;
  /** The limit tried, else the planned one. */
  chosen: SupportLimit;
  granularity: string | null;
  /** How many layers a choice would be for. */
  layers: number;
}

export interface SupportChart {
  element: HTMLElement;
  /** Null while nothing is known. `again` draws even what is drawn already. */
  render(view: SupportView | null, again: boolean): void;
}

export interface SupportEvents {
  onTry(limit: SupportLimit): void;
  onUse(limit: SupportLimit): void;
}

/** SQNR of the uniform quantizer against its support limit, with a handle that tries one and a button that uses it. */
export function createSupportChart({ onTry, onUse }: SupportEvents): SupportChart {
  const title = element('h3', '', l10n.t('SQNR against support limit'));
  const facts = element('p', 'hint');
  const readout = element('p', 'point-status');
  readout.setAttribute('aria-live', 'polite');
  const use = button(l10n.t('Use this limit'), 'secondary', () => view && onUse(view.chosen));
  const note = element('p', 'hint');
  const figure = createChartFigure<'line', LineData>('support', supportLegend(), note);
  const { drawing } = figure;
  // Next to the histogram, where limits are dragged, too.
  const section = element('section', 'support-section', title, facts, element('div', 'readout', readout, use), figure.element);
  let view: SupportView | null = null;
  let drawn: PageSupportCurve | null = null;

  const tryAt = (x: number): void => {
    const scale = figure.chart()?.scales['x'];
    const limit = scale?.getValueForPixel(x);
    if (!view || !scale || limit === undefined) return;
    onTry(snapped(view.curve, limit, (SNAP_PX * (scale.max - scale.min)) / scale.width));
  };
  onDrag(figure.canvas, drawing, tryAt);
  const handle = createDragHandle(drawing, tryAt);
  handle.element.tabIndex = 0;
  setAttributes(handle.element, {
    role: 'slider', 'aria-label': l10n.t('Support limit'), 'aria-valuemin': LEAST_LIMIT, 'aria-valuemax': GREATEST_LIMIT,
    'aria-orientation': 'horizontal',
  });
  handle.element.title = l10n.t('Drag, or arrow keys; Page Up and Page Down go to the named choices, Enter uses the limit');
  handle.element.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !view) return;
    const moved = limitByKey(event, view.curve, view.chosen);
    if (moved) {
      view = { ...view, chosen: moved };
      onTry(moved);
    } else if (event.key === 'Enter') onUse(view.chosen);
    else return;
    event.preventDefault();
  });

  return {
    element: section,
    render(next, again) {
      view = next;
      section.hidden = next === null || next.curve.named.length === 0;
      if (!next || section.hidden) {
        drawn = null;
        return figure.render(null);
      }
      const { curve, chosen, granularity, layers, name } = next;
      const text = limitText(curve, chosen);
      setText(facts, l10n.t('Uniform quantizer, {0} bits, {1} grid, one support for the layer.', curve.bits, curve.grid));
      setText(readout, text);
      setText(use, useText(chosen, layers));
      setText(note, noteText(curve, granularity));
      note.hidden = note.textContent === '';
      setAttributes(handle.element, { 'aria-valuenow': chosen.limit, 'aria-valuetext': text });
      if (drawn === curve && !again) return figure.chart()?.draw();
      drawn = curve;
      figure.render({
        label: l10n.t('SQNR against support limit of {0}', name),
        summary: describeSupport(curve),
        tables: () => supportTables(curve),
        config: supportConfig({ curve, chosen: () => view?.chosen ?? chosen, onDraw: handle.place }),
      });
    },
  };
}

function useText({ region }: SupportLimit, layers: number): string {
  if (layers > 1) return l10n.t('Use for {0} layers', layers);
  return region === null ? l10n.t('Use this limit') : l10n.t('Use {0}', region);
}

function supportLegend(): HTMLElement {
  const entry = (mark: string, text: string): HTMLElement => element('li', '', element('span', `swatch ${mark}`), text);
  return element('ul', 'legend',
    entry('measured', l10n.t('Measured')), entry('theory', l10n.t('Theory: unit Laplacian')), entry('limits', l10n.t('Limit')));
}

function noteText({ sampled }: PageSupportCurve, granularity: string | null): string {
  return [
    sampled === null ? '' : l10n.t('Approximate, over {0} weights, until all weights confirm it.', formatCount(sampled)),
    granularity === null || granularity === 'tensor' ? ''
      : l10n.t('Planned {0}, each has its own support: this limit in its own standard deviations.', granularityText(granularity)),
  ].filter((text) => text !== '').join(' ');
}

/** The chart in words: the best limit of both lines, and the named choices. */
function describeSupport(curve: PageSupportCurve): string {
  const best = (figure: 'sqnrDb' | 'theorySqnrDb'): PageSupportCurve['points'][number] | undefined => (
    [...curve.points, ...curve.named].reduce<PageSupportCurve['points'][number]>((a, b) => ((b[figure] ?? -Infinity) > (a[figure] ?? -Infinity) ? b : a), curve.points[0]!)
  );
  const [measured, theory] = [best('sqnrDb'), best('theorySqnrDb')];
  return [
    l10n.t('Measured best {0} dB at {1} standard deviations, in theory {2} dB at {3}.',
      formatDb(measured?.sqnrDb ?? null), formatNumber(measured?.limit ?? null, 3),
      formatDb(theory?.theorySqnrDb ?? null), formatNumber(theory?.limit ?? null, 3)),
    ...curve.named.map(({ region, limit, sqnrDb }) => (
      l10n.t('{0}: {1}, {2} dB.', region, formatNumber(limit, 3), formatDb(sqnrDb))
    )),
  ].join(' ');
}

function supportTables({ points, named }: PageSupportCurve): TableData[] {
  const heads = [l10n.t('Limit (std. dev.)'), l10n.t('Measured (dB)'), l10n.t('Theory (dB)')];
  const figures = ({ limit, sqnrDb, theorySqnrDb }: PageSupportCurve['points'][number]): TableCell[] => (
    [numberCell(limit, 4), decibelCell(sqnrDb), decibelCell(theorySqnrDb)]
  );
  return [
    {
      caption: l10n.t('Named choices'), heads: [l10n.t('Choice'), ...heads],
      rows: named.map((each) => [each.region, ...figures(each)]),
    },
    { caption: l10n.t('SQNR against support limit'), heads, rows: points.map(figures) },
  ];
}
