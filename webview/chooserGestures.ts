import { COLUMN_IDS, type ColumnId } from './columns';

export interface ChooserActions {
  /** Does what the item is for. */
  act(item: Element): void;
  /** Moves the column by so many places. */
  move(id: ColumnId, step: number): void;
  /** Puts the column in the place of another. */
  place(id: ColumnId, target: ColumnId): void;
}

/** What is done on the items of the menu of columns: choosing and moving them, by pointer and by keyboard. */
export function addChooserGestures(menu: HTMLElement, actions: ChooserActions): void {
  addKeys(menu, actions);
  addDragging(menu, actions);
}

function addKeys(menu: HTMLElement, { act, move }: ChooserActions): void {
  menu.addEventListener('keydown', (event) => {
    const target = event.target;
    if (!(target instanceof HTMLElement)) return;
    const all = [...menu.querySelectorAll<HTMLElement>('.menu-item')];
    const position = all.indexOf(target);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const id = columnOf(target);
    if (step !== undefined && event.altKey) {
      if (id) move(id, step);
    } else if (step !== undefined) all[(position + step + all.length) % all.length]?.focus();
    else if (event.key === 'Home') all[0]?.focus();
    else if (event.key === 'End') all.at(-1)?.focus();
    else if (event.key === ' ' || event.key === 'Enter') act(target);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

function addDragging(menu: HTMLElement, { act, place }: ChooserActions): void {
  let dragged: ColumnId | null = null;
  let moved = false;
  menu.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    dragged = columnOf(itemUnder(event)) ?? null;
    moved = false;
    menu.setPointerCapture(event.pointerId);
  });
  menu.addEventListener('pointermove', (event) => {
    const target = dragged === null ? undefined : columnOf(itemUnder(event));
    if (!dragged || !target || target === dragged) return;
    moved = true;
    place(dragged, target);
  });
  menu.addEventListener('pointerup', (event) => {
    dragged = null;
    const item = itemUnder(event);
    if (!moved && item && event.button === 0) act(item);
  });
}

/** A captured pointer's events all have the menu as their target. */
function itemUnder({ clientX, clientY }: MouseEvent): HTMLElement | null {
  return document.elementFromPoint(clientX, clientY)?.closest<HTMLElement>('.menu-item') ?? null;
}

function columnOf(item: HTMLElement | null): ColumnId | undefined {
  return COLUMN_IDS.find((id) => id === item?.dataset['column']);
}
