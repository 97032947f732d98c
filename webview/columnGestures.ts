import * as l10n from '@vscode/l10n';
import { COLUMN_IDS, type ColumnId } from './columns';
import { element } from './dom';
import { setLayout, tableLayoutOf } from './state';
import type { Store } from './store';
import { moveColumn, placeColumn, resizeColumn, type TableLayout } from './tableLayout';

/** A press that moves less is a click, in pixels. */
const DRAG_FROM = 5;
/** What a key changes a width by, in pixels. */
const RESIZE_STEP = 10;

interface Drag {
  id: ColumnId;
  startX: number;
  /** The width at the start, where it is the width that is dragged. */
  width: number | null;
  moved: boolean;
}

/**
 * What is done to columns on their headers: dragging one moves it, dragging its right edge changes its width, a double click
 * there undoes that; with Alt and the arrows the same by keyboard, and with Shift the width. `drawn` are the columns there are.
 */
export function addColumnGestures(head: HTMLElement, store: Store, drawn: () => readonly ColumnId[]): void {
  const { state } = store;
  const change = (next: (layout: TableLayout) => TableLayout): void =>
    store.update((changed) => setLayout(changed, next(tableLayoutOf(changed))));
  let drag: Drag | null = null;

  head.addEventListener('pointerdown', (event) => {
    const cell = cellAt(event.target);
    if (!cell || event.button !== 0) return;
    const resizes = event.target instanceof Element && event.target.classList.contains('column-grip');
    if (cell.id === 'layer' && !resizes) return;
    drag = { id: cell.id, startX: event.clientX, width: resizes ? cell.cell.offsetWidth : null, moved: false };
  });
  head.addEventListener('pointermove', (event) => {
    if (event.buttons === 0) drop();
    if (!drag) return;
    const { id, width, startX } = drag;
    const distance = event.clientX - startX;
    if (!drag.moved && Math.abs(distance) < (width === null ? DRAG_FROM : 1)) return;
    if (!drag.moved) head.setPointerCapture(event.pointerId);
    drag.moved = true;
    head.classList.add(width === null ? 'moving' : 'resizing');
    if (width !== null) return change((layout) => resizeColumn(layout, id, width + distance));
    const target = cellAt(document.elementFromPoint(event.clientX, event.clientY));
    if (!target || target.id === id) return;
    const { order } = tableLayoutOf(state);
    const rightwards = order.indexOf(target.id) > order.indexOf(id);
    if (isPast(event.clientX, target.cell, rightwards)) change((layout) => placeColumn(layout, id, target.id));
  });
  const drop = (): void => {
    drag = null;
    head.classList.remove('moving', 'resizing');
  };
  head.addEventListener('pointerup', drop);
  head.addEventListener('pointercancel', drop);
  head.addEventListener('click', (event) => {
    if (event.target instanceof Element && event.target.classList.contains('column-grip')) event.stopPropagation();
  }, true);
  head.addEventListener('dblclick', (event) => {
    const cell = cellAt(event.target);
    const onGrip = event.target instanceof Element && event.target.classList.contains('column-grip');
    if (cell && onGrip) change((layout) => resizeColumn(layout, cell.id, null));
  });
  head.addEventListener('keydown', (event) => {
    const cell = cellAt(event.target);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!cell || step === undefined || !event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    change((layout) => (event.shiftKey
      ? resizeColumn(layout, cell.id, cell.cell.offsetWidth + step * RESIZE_STEP)
      : moveColumn(layout, cell.id, step, drawn())));
  });
}

/** The edge of a header that is dragged to change the width of its column. */
export function createGrip(): HTMLElement {
  const grip = element('span', 'column-grip');
  grip.setAttribute('aria-hidden', 'true');
  grip.title = l10n.t('Drag to change the width, double-click to undo that');
  return grip;
}

/** A narrow column that is dragged over a wide one would otherwise swing to and fro. */
function isPast(x: number, target: HTMLElement, rightwards: boolean): boolean {
  const { left, width } = target.getBoundingClientRect();
  return rightwards ? x > left + width / 2 : x < left + width / 2;
}

function cellAt(target: EventTarget | null): { id: ColumnId; cell: HTMLElement } | null {
  const cell = target instanceof Element ? target.closest<HTMLElement>('[data-column]') : null;
  const id = COLUMN_IDS.find((each) => each === cell?.dataset['column']);
  return cell && id ? { id, cell } : null;
}
