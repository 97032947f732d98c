import * as l10n from '@vscode/l10n';
import type { MethodId } from '../src/core/plan/layerSettings';
import { methodName } from '../src/protocol/methodName';
import { element, setAttributes } from './dom';
import { METHOD_MARKS, METHOD_ORDER } from './methodMarks';

const SVG = 'http://www.w3.org/2000/svg';

export interface MethodLegend {
  element: HTMLElement;
  render(methods: readonly MethodId[], hidden: ReadonlySet<MethodId>): void;
}

/** One button a method, with its mark, that hides and shows its line. */
export function createMethodLegend(onToggle: (method: MethodId) => void): MethodLegend {
  const buttons = METHOD_ORDER.map((method) => {
    const button = element('button', 'legend-toggle', mark(method), methodName(method));
    button.type = 'button';
    button.title = l10n.t('Show or hide this line');
    button.addEventListener('click', () => onToggle(method));
    return { method, button, item: element('li', '', button) };
  });
  return {
    element: element('ul', 'legend', ...buttons.map(({ item }) => item)),
    render(methods, hidden) {
      for (const { method, button, item } of buttons) {
        item.hidden = !methods.includes(method);
        button.setAttribute('aria-pressed', String(!hidden.has(method)));
      }
    },
  };
}

function mark(method: MethodId): SVGElement {
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', METHOD_MARKS[method].path);
  const svg = document.createElementNS(SVG, 'svg');
  setAttributes(svg, { viewBox: '-9 -6 18 12', class: `method-mark ${method}`, 'aria-hidden': true });
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', 'M-9 0H9');
  svg.append(line, path);
  return svg;
}
