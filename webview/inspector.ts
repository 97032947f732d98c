import * as l10n from '@vscode/l10n';
import type { PageMessage } from '../src/protocol/page';
import { createChannelsTab } from './channelsTab';
import { createDistributionTab } from './distributionTab';
import { element, setText } from './dom';
import { createErrorTab } from './errorTab';
import { layersToChange, type InspectorTab, type UseSettings } from './inspectorTab';
import type { TabId } from './inspectorView';
import { createNodeTab } from './nodeTab';
import { formatShape } from './numbers';
import { cautionText, stayText } from './rowText';
import { currentRow } from './state';
import type { Store } from './store';
import { isQuantizable, type TableRow } from './tableRow';
import { createTabs } from './tabs';
import { button } from './toolkit';

export interface Inspector {
  element: HTMLElement;
  render(): void;
  /** Draws again what depends on the theme. */
  redraw(): void;
}

/** Everything about the current layer, a tab for each respect; only the one in sight is drawn. */
export function createInspector(store: Store, post: (message: PageMessage) => void): Inspector {
  const { state } = store;
  const quantize = button('', 'secondary', () => post({ type: 'command', command: 'quantizeLayer', layers: layersToChange(state.selection) }));
  const preview = button(l10n.t('Preview Error'), 'secondary', () => {
    if (state.selection.current !== null) post({ type: 'command', command: 'previewError', layers: [state.selection.current] });
  });
  const title = element('h2', 'layer-title');
  const facts = element('p', 'layer-facts');
  const reason = element('p', 'layer-reason');
  const actions = element('div', 'layer-actions', quantize, preview);
  const use: UseSettings = (layers, settings) => {
    if (layers.length > 0) post({ type: 'setSettings', layers, settings });
  };
  const contents: Record<TabId, InspectorTab> = {
    distribution: createDistributionTab(store, use),
    error: createErrorTab(store, use),
    channels: createChannelsTab(store),
    node: createNodeTab(store, (text) => post({ type: 'copyText', text })),
  };
  const tabs = createTabs<TabId>(l10n.t('About this layer'), [
    { id: 'distribution', label: l10n.t('Distribution') },
    { id: 'error', label: l10n.t('Error') },
    { id: 'channels', label: l10n.t('Channels') },
    { id: 'node', label: l10n.t('Node') },
  ], (tab) => store.update((changed) => {
    changed.inspector = { ...changed.inspector, tab };
  }));
  const view = element('section', 'inspector',
    element('div', 'layer-head', title, facts, reason, actions), tabs.element, tabs.panel);
  view.setAttribute('aria-label', l10n.t('Layer'));
  let drawnRow: TableRow | null = null;
  let shownTab: TabId | null = null;

  const renderHead = (row: TableRow): void => {
    if (row === drawnRow) return;
    if (row.layer !== drawnRow?.layer) view.scrollTop = 0;
    drawnRow = row;
    const { layer } = row;
    setText(title, layer.name);
    const known = [layer.op, layer.node, formatShape(layer.dims), layer.dtype, layer.scope].filter((fact) => fact !== '');
    setText(facts, known.join(' · '));
    const stay = stayText(row);
    const caution = stay === '' ? cautionText(row) : '';
    reason.hidden = stay === '' && caution === '';
    reason.classList.toggle('warning', caution !== '');
    setText(reason, stay || caution);
    actions.hidden = !isQuantizable(row);
  };

  return {
    element: view,
    render() {
      const row = currentRow(state);
      view.hidden = row === null;
      if (!row) return;
      renderHead(row);
      const { length } = layersToChange(state.selection);
      setText(quantize, length === 1 ? l10n.t('Quantize Layer…') : l10n.t('Quantize {0} Layers…', length));
      const { tab } = state.inspector;
      tabs.render(tab);
      if (shownTab !== tab) tabs.panel.replaceChildren(contents[tab].element);
      shownTab = tab;
      contents[tab].render(row);
    },
    redraw: () => contents[state.inspector.tab].redraw(),
  };
}
