import * as l10n from '@vscode/l10n';
import type { CompareRow, CompareSide } from '../src/protocol/comparePage';
import { COMPARE_COLUMN_IDS, type CompareColumnId } from './compareColumns';
import { bitsText, bothText, compareLabel, differenceText, layerName, shapeText, sizeText, sqnrText, stateCell } from './compareText';
import { element, setAttributes, setText } from './dom';
import { createLayerLabel } from './layerLabel';
import type { CellText } from './rowText';
import type { RowView } from './virtualList';

/** A row of the comparison. */
export function createCompareRow(onOpen: (row: number, side: CompareSide) => void): RowView<CompareRow> {
  const view = element('div', 'row');
  view.setAttribute('role', 'row');
  const cells = new Map(COMPARE_COLUMN_IDS.map((id, column) => [id, createCell(id, column)]));
  view.append(...cells.values());
  const cell = (id: CompareColumnId): HTMLElement => cells.get(id) ?? view;
  const setLabel = createLayerLabel(cell('layer'));
  let bound: CompareRow | null = null;
  const openIn = (side: CompareSide): HTMLButtonElement => {
    const button = element('button', 'open-layer', side.toUpperCase());
    button.type = 'button';
    button.addEventListener('click', () => bound && onOpen(bound.index, side));
    return button;
  };
  const buttons = { a: openIn('a'), b: openIn('b') };
  cell('open').append(buttons.a, buttons.b);

  const bindRow = (row: CompareRow): void => {
    view.dataset['row'] = String(row.index);
    view.dataset['state'] = row.state;
    cell('layer').title = bothText(row, layerName);
    setLabel(compareLabel(row));
    set('op', plain(bothText(row, ({ op }) => op)));
    set('shape', plain(shapeText(row)));
    set('type', plain(bothText(row, ({ dtype }) => dtype)));
    set('bits', plain(bitsText(row)));
    set('sqnr', sqnrText(row));
    set('difference', differenceText(row));
    set('size', plain(sizeText(row)));
    set('state', stateCell(row));
    for (const side of ['a', 'b'] as const) {
      const layer = row[side];
      buttons[side].disabled = layer === null;
      buttons[side].setAttribute('aria-label', l10n.t('Open {0} in {1}', layer ? layerName(layer) : '', side.toUpperCase()));
    }
  };
  const set = (id: CompareColumnId, { text, title, warning = false }: CellText): void => {
    const target = cell(id);
    setText(target, text);
    target.title = title;
    target.classList.toggle('warning', warning);
  };

  return {
    element: view,
    bind(row, { position, selected, current }) {
      setAttributes(view, { 'aria-rowindex': position + 2, 'aria-selected': selected });
      for (const target of [view, buttons.a, buttons.b]) target.tabIndex = current ? 0 : -1;
      view.classList.toggle('current', current);
      if (bound === row) return;
      bound = row;
      bindRow(row);
    },
  };
}

function plain(text: string): CellText {
  return { text, title: text };
}

function createCell(id: CompareColumnId, column: number): HTMLElement {
  const cell = element('div', `cell ${id}`);
  setAttributes(cell, { role: id === 'layer' ? 'rowheader' : 'gridcell', 'aria-colindex': column + 1 });
  return cell;
}
