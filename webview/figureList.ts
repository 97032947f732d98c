import { element } from './dom';
import type { Figure, FigureGroup } from './figures';

/** Groups of labelled numbers; each cell carries `data-key` and, with full precision, `data-value`. */
export function figureList(groups: readonly FigureGroup[]): DocumentFragment {
  const fragment = document.createDocumentFragment();
  for (const { title, figures } of groups) {
    const list = element('dl', 'figures', ...figures.map(figureCell));
    fragment.append(element('section', 'figure-group', element('h3', '', title), list));
  }
  return fragment;
}

function figureCell({ key, label, value, text }: Figure): HTMLElement {
  const cell = element('dd', '', text);
  cell.dataset['key'] = key;
  cell.dataset['value'] = String(value);
  if (typeof value === 'number') cell.title = String(value);
  return element('div', 'figure', element('dt', '', label), cell);
}
