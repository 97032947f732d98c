import * as l10n from '@vscode/l10n';
import { formatBytes } from '../src/protocol/byteSize';
import type { PageNodes } from '../src/protocol/page';
import { element } from './dom';
import { figureList } from './figureList';
import { storedQuantized } from './figures';
import type { InspectorTab } from './inspectorTab';
import { ofLayer, problemOf } from './layerCurves';
import { formatCount, formatShape } from './numbers';
import { createProblemText } from './problem';
import type { Store } from './store';
import type { TableRow } from './tableRow';
import { progressRing } from './toolkit';

type LayerNode = PageNodes['nodes'][number];

/** Where the weight is stored, and every node that uses it. */
export function createNodeTab(store: Store, copy: (text: string) => void): InspectorTab {
  const { state } = store;
  const problem = createProblemText();
  const reading = element('p', 'reading', progressRing(l10n.t('Reading the model')), l10n.t('Reading the model…'));
  const weight = element('div', 'node-weight');
  const nodes = element('div', 'node-list');
  const view = element('div', 'tab-content node-tab',
    element('div', 'layer-chart', problem.element, reading, weight), element('div', 'layer-figures', nodes));
  let drawn: readonly unknown[] = [];

  return {
    element: view,
    render(row) {
      const known = ofLayer(state.curves.nodes, row.layer.index);
      const failed = problemOf(state.curves, row.layer.index, 'layerNodes');
      const wanted = [row.layer, known, failed];
      if (drawn.length > 0 && wanted.every((part, index) => part === drawn[index])) return;
      drawn = wanted;
      problem.render(failed);
      reading.hidden = known !== null || failed !== null;
      weight.replaceChildren(...(known ? weightSection(row, known, copy) : []));
      nodes.replaceChildren(...(known ? nodeSections(known, copy) : []));
    },
    redraw: () => undefined,
  };
}

function weightSection(row: TableRow, { storage }: PageNodes, copy: (text: string) => void): Node[] {
  const { layer } = row;
  const quantized = storedQuantized(row);
  return [
    element('h3', '', l10n.t('Weight')),
    facts([
      [l10n.t('Name'), copyable(layer.name, copy)],
      [l10n.t('Scope'), layer.scope === '' ? l10n.t('main graph') : copyable(layer.scope, copy)],
      [l10n.t('Data type'), layer.dtype],
      [l10n.t('Shape'), l10n.t('{0}, {1} weights', formatShape(layer.dims), formatCount(layer.elements))],
      [l10n.t('Stored'), FORMS[storage.form]()],
      [l10n.t('File'), copyable(storage.file, copy)],
      [l10n.t('Offset'), l10n.t('byte {0}', formatCount(storage.offset))],
      [l10n.t('Length'), l10n.t('{0} bytes ({1})', formatCount(storage.length), formatBytes(storage.length))],
    ]),
    ...(quantized.figures.length > 0 ? [figureList([quantized])] : []),
  ];
}

const FORMS: Record<PageNodes['storage']['form'], () => string> = {
  raw: () => l10n.t('in the model file, as raw bytes'),
  typed: () => l10n.t('in the model file, number by number in a typed field'),
  external: () => l10n.t('in an external data file'),
  sparse: () => l10n.t('sparse: non-zero values and where they stand'),
};

function nodeSections({ consumers, nodes }: PageNodes, copy: (text: string) => void): Node[] {
  const title = consumers === 1 ? l10n.t('Used by one node') : l10n.t('Used by {0} nodes', formatCount(consumers));
  const rest = consumers > nodes.length ? [element('p', 'hint', l10n.t('The first {0} are shown.', nodes.length))] : [];
  return [element('h3', '', title), ...rest, ...nodes.map((node) => nodeSection(node, copy))];
}

function nodeSection(node: LayerNode, copy: (text: string) => void): HTMLElement {
  const { op, domain, name, scope, input, inputs, outputs, attributes } = node;
  return element('section', 'node',
    element('h4', '', domain === '' ? op : `${domain}::${op}`),
    facts([
      [l10n.t('Name'), name === '' ? l10n.t('none') : copyable(name, copy)],
      ...(scope === '' ? [] : [[l10n.t('Scope'), copyable(scope, copy)] as const]),
      [l10n.t('Weight'), l10n.t('input {0}', input)],
    ]),
    names(l10n.t('Inputs'), inputs, input, copy),
    names(l10n.t('Outputs'), outputs, null, copy),
    ...(attributes.length === 0 ? [] : [
      element('h5', '', l10n.t('Attributes')),
      facts(attributes.map(({ name: key, value }) => [key, value] as const)),
    ]));
}

/** Optional inputs that are left out have no name. */
function names(title: string, values: readonly string[], weight: number | null, copy: (text: string) => void): HTMLElement {
  const entries = values.map((value, i) => {
    const item = element('li', i === weight ? 'weight-input' : '', value === '' ? l10n.t('(left out)') : copyable(value, copy));
    item.value = i;
    return item;
  });
  return element('div', 'node-names', element('h5', '', title), element('ol', '', ...entries));
}

function facts(entries: readonly (readonly [string, Node | string])[]): HTMLElement {
  return element('dl', 'facts', ...entries.map(([label, value]) => (
    element('div', 'fact', element('dt', '', label), element('dd', '', value))
  )));
}

/** A name with a button that copies it. */
function copyable(text: string, copy: (text: string) => void): HTMLElement {
  const button = element('button', 'copy-button', l10n.t('Copy'));
  button.type = 'button';
  button.setAttribute('aria-label', l10n.t('Copy {0}', text));
  button.addEventListener('click', () => copy(text));
  return element('span', 'copyable', element('span', 'copyable-text', text), button);
}
