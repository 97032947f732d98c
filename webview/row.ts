import * as l10n from '@vscode/l10n';
import { createBitsSelect, offerWidths, type BitsChoice } from './bitsSelect';
import { createCells, setCell, type DrawnColumns } from './cells';
import { element, setAttributes, setText } from './dom';
import { createLayerLabel } from './layerLabel';
import { createMiniHistogram } from './miniHistogram';
import { formatCount, formatShape } from './numbers';
import { fitText, fixedBitsText, methodText, movedText, outputText, sizeText, sqnrText } from './rowText';
import { isQuantizable, layerKey, reasonToStay, type TableRow } from './tableRow';
import type { RowView } from './virtualList';

/** The row of a layer. */
export function createRow(columns: DrawnColumns, onBits: (layer: number, choice: BitsChoice) => void): RowView<TableRow> {
  const view = element('div', 'row');
  view.setAttribute('role', 'row');
  if (columns.grouped) view.setAttribute('aria-level', '2');
  const cell = createCells(view, columns);

  const setLabel = createLayerLabel(cell('layer'));
  const histogram = createMiniHistogram();
  cell('distribution').append(histogram.element);
  let bound: TableRow | null = null;
  const select = createBitsSelect((choice) => bound && onBits(bound.layer.index, choice));
  const fixedBits = element('span', 'fixed-bits');
  cell('bits').append(select, fixedBits);

  const bindRow = (row: TableRow): void => {
    const { layer, plan, statistics } = row;
    const quantizable = isQuantizable(row);
    view.dataset['vscodeContext'] = JSON.stringify({
      webviewSection: 'layer', layer: layer.index, layerQuantizable: quantizable, preventDefaultContextMenuItems: true,
    });
    view.dataset['layer'] = String(layer.index);
    const unchanged = reasonToStay(row) !== null;
    view.classList.toggle('unchanged', unchanged);
    cell('layer').title = layerKey(layer);
    setLabel(layer);
    setCell(cell('op'), { text: layer.op, title: layer.node === '' ? layer.op : `${layer.op} · ${layer.node}` });
    setCell(cell('shape'), { text: formatShape(layer.dims), title: `${formatShape(layer.dims)} ${layer.dtype}` });
    setCell(cell('type'), { text: layer.dtype, title: layer.dtype });
    setText(cell('weights'), formatCount(layer.elements));
    histogram.draw(statistics?.histogram.counts ?? null);
    setCell(cell('fit'), fitText(row));
    setCell(cell('moved'), movedText(row));
    select.hidden = !quantizable;
    offerWidths(select, plan?.widths);
    select.value = String(plan?.bits ?? 'float');
    select.setAttribute('aria-label', l10n.t('Bit width of {0}', layer.name));
    setText(fixedBits, quantizable ? '' : fixedBitsText(layer));
    cell('bits').title = layer.reason ?? '';
    setCell(cell('method'), methodText(row));
    cell('method').setAttribute('aria-colspan', String(unchanged ? columns.reasonSpans : 1));
    setCell(cell('sqnr'), sqnrText(row));
    setCell(cell('output'), outputText(row));
    const size = sizeText(row);
    setCell(cell('size'), { text: size, title: size });
  };

  return {
    element: view,
    bind(row, { position, selected, current }) {
      setAttributes(view, { 'aria-rowindex': position + 2, 'aria-selected': selected });
      view.tabIndex = current ? 0 : -1;
      select.tabIndex = current ? 0 : -1;
      view.classList.toggle('current', current);
      if (bound === row) return;
      bound = row;
      bindRow(row);
    },
  };
}
