import * as l10n from '@vscode/l10n';
import { shareText, type ChannelFigures } from './channelFigures';
import { element, setAttributes, setText } from './dom';
import { formatDb, formatNumber } from './numbers';
import { createVirtualList, ROW_HEIGHT, type RowView } from './virtualList';
import { rowsOnScreen, withOverscan } from './virtualWindow';

/** Rows drawn beyond either edge of the list. */
const OVERSCAN = 6;
const CELLS = 6;

export interface ChannelList {
  element: HTMLElement;
  /** In this order. */
  render(channels: readonly ChannelFigures[]): void;
}

/** Any number of channels in numbers, a few dozen rows drawn; it scrolls by pointer and by keys. */
export function createChannelList(): ChannelList {
  const heads = [l10n.t('Channel'), l10n.t('Minimum'), l10n.t('Maximum'), l10n.t('Std. dev.'), l10n.t('SQNR (dB)'), l10n.t('Of error')];
  const head = line('columnheader', 'channel-row channel-heads');
  for (const [i, text] of heads.entries()) setText(head.children[i]!, text);
  head.setAttribute('aria-rowindex', '1');
  const rows = element('div', 'channel-rows');
  rows.setAttribute('role', 'rowgroup');
  const headGroup = element('div', 'channel-head-group', head);
  headGroup.setAttribute('role', 'rowgroup');
  const view = element('div', 'channel-list', headGroup, rows);
  view.tabIndex = 0;
  setAttributes(view, { role: 'table', 'aria-label': l10n.t('Channels, the worst first') });
  const list = createVirtualList<ChannelFigures>(rows, createRow);
  let shown: readonly ChannelFigures[] = [];

  const draw = (): void => {
    const viewport = { scrollTop: view.scrollTop, height: view.clientHeight, rowHeight: ROW_HEIGHT, rowCount: shown.length };
    list.render({
      rows: { get: (position) => shown[position] },
      order: shown.map((_, position) => position),
      selection: { current: null, selected: new Set() },
    }, withOverscan(rowsOnScreen(viewport), OVERSCAN, shown.length));
  };
  view.addEventListener('scroll', draw);
  new ResizeObserver(draw).observe(view);

  return {
    element: view,
    render(channels) {
      shown = channels;
      rows.style.height = `${channels.length * ROW_HEIGHT}px`;
      view.setAttribute('aria-rowcount', String(channels.length + 1));
      view.scrollTop = 0;
      draw();
    },
  };
}

function createRow(): RowView<ChannelFigures> {
  const row = line('cell', 'channel-row');
  return {
    element: row,
    bind({ channel, min, max, std, sqnrDb, share }, { position }) {
      const texts = [String(channel), formatNumber(min), formatNumber(max), formatNumber(std), formatDb(sqnrDb), shareText(share)];
      for (const [i, text] of texts.entries()) setText(row.children[i]!, text);
      row.setAttribute('aria-rowindex', String(position + 2));
    },
  };
}

function line(role: 'cell' | 'columnheader', className: string): HTMLElement {
  const row = element('div', className, ...Array.from({ length: CELLS }, () => {
    const cell = element('span');
    cell.setAttribute('role', role);
    return cell;
  }));
  row.setAttribute('role', 'row');
  return row;
}
