import * as l10n from '@vscode/l10n';
import { createCells, setCell, type DrawnColumns } from './cells';
import { element, setAttributes, setText } from './dom';
import { groupLabel, type GroupFigures, type LayerGroup } from './layerGroups';
import { formatCount, formatDb } from './numbers';
import { changeText, LOW_SQNR_DB, movedText, provisionalText } from './rowText';
import type { RowView } from './virtualList';

/** All that the row of a group says. */
export interface GroupRow {
  group: LayerGroup;
  figures: GroupFigures;
  collapsed: boolean;
  /** Layers of the group that can be quantized. */
  quantizable: boolean;
}

/** The row that a group's layers stand under; its first cell folds them away. */
export function createGroupRow(columns: DrawnColumns): RowView<GroupRow> {
  const view = element('div', 'row group-row');
  setAttributes(view, { role: 'row', 'aria-level': 1 });
  const cell = createCells(view, columns);
  const twistie = element('span', 'twistie');
  twistie.setAttribute('aria-hidden', 'true');
  const name = element('bdi');
  const count = element('span', 'group-count');
  cell('layer').append(twistie, element('span', 'name', name), count);
  let bound: GroupRow | null = null;

  const bindGroup = ({ group, figures, collapsed, quantizable }: GroupRow): void => {
    const { layers } = group;
    view.dataset['group'] = String(group.line);
    view.dataset['vscodeContext'] = JSON.stringify({
      webviewSection: 'layer', layer: layers[0], layerQuantizable: quantizable, preventDefaultContextMenuItems: true,
    });
    view.setAttribute('aria-expanded', String(!collapsed));
    setText(twistie, collapsed ? '▸' : '▾');
    cell('layer').title = groupLabel(group);
    setText(name, groupLabel(group));
    setText(count, layers.length === 1 ? l10n.t('1 layer') : l10n.t('{0} layers', formatCount(layers.length)));
    setText(cell('weights'), formatCount(figures.weights));
    setCell(cell('moved'), movedText(figures));
    setCell(cell('bits'), figures.averageBits === null
      ? { text: '', title: '' }
      : { text: `ø ${figures.averageBits.toFixed(1)}`, title: l10n.t('Bits a weight, on average') });
    const worst = figures.worstSqnrDb;
    setCell(cell('sqnr'), {
      text: formatDb(worst),
      title: figures.ofNearest
        ? l10n.t('SQNR of the worst layer, in dB, some of them with nearest codes for now') : l10n.t('SQNR of the worst layer, in dB'),
      warning: worst !== null && worst < LOW_SQNR_DB,
      provisional: figures.ofNearest ? provisionalText(formatDb(worst)) : null,
    });
    setCell(cell('output'), {
      text: formatDb(figures.worstOutputSqnrDb), title: l10n.t('Output SQNR of the worst layer, in dB'),
      warning: figures.worstOutputSqnrDb !== null && figures.worstOutputSqnrDb < LOW_SQNR_DB,
    });
    const size = changeText(figures.bytesBefore, figures.bytesAfter);
    setCell(cell('size'), { text: size, title: size });
  };

  return {
    element: view,
    bind(row, { position, selected, current }) {
      setAttributes(view, { 'aria-rowindex': position + 2, 'aria-selected': selected });
      view.tabIndex = current ? 0 : -1;
      view.classList.toggle('current', current);
      if (bound === row) return;
      bound = row;
      bindGroup(row);
    },
  };
}
