import { element, setText } from './dom';

/** What tells a layer from others, as tables show it. */
export interface LayerLabel {
  /** Empty where layers need none. */
  scope: string;
  name: string;
}

export function labelText({ scope, name }: LayerLabel): string {
  return `${scopePart(scope)}${name}`;
}

/** Fills a cell with a name after its scope, both shortened where they differ least; the function writes them. */
export function createLayerLabel(cell: HTMLElement): (label: LayerLabel) => void {
  const scopeView = element('span', 'scope');
  const nameView = element('bdi');
  cell.append(scopeView, element('span', 'name', nameView));
  return ({ scope, name }) => {
    setText(scopeView, scopePart(scope));
    setText(nameView, name);
  };
}

function scopePart(scope: string): string {
  return scope === '' ? '' : `${scope} › `;
}
