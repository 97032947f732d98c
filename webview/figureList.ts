import { element } from './dom';
import type { Figure, FigureGroup } from './figures';

/** Characters of label and value together that have room side by side in the narrowest column. */
const COLUMN_CHARACTERS = 24;

/** Groups of labelled numbers; each cell carries `data-key` and, with full precision, `data-value`. */
export function figureList(groups: readonly FigureGroup[]): DocumentFragment {
  const fragment = document.createDocumentFragment();
  for (const { title, figures, explanation } of groups) {
    const list = element('dl', 'figures', ...figures.map(figureCell));
    const section = element('section', 'figure-group', element('h3', '', title), list);
    if (explanation !== undefined) section.append(element('p', 'hint', explanation));
    fragment.append(section);
  }
  return fragment;
}

function figureCell({ key, label, value, text, muted = false }: Figure): HTMLElement {
  const cell = element('dd', '', text);
  cell.dataset['key'] = key;
  cell.dataset['value'] = String(value);
  if (typeof value === 'number') cell.title = String(value);
  const view = element('div', 'figure', element('dt', '', label), cell);
  view.classList.toggle('wide', label.length + text.length > COLUMN_CHARACTERS);
  view.classList.toggle('muted', muted);
  return view;
}
