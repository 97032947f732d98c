import type { LayerRow } from '../src/protocol/page';
import type { ColumnId } from './columns';
import { formatCount, formatShape } from './numbers';
import type { TableLayout } from './tableLayout';

type MeasuredColumn = 'op' | 'shape' | 'weights';

/** Widths in pixels that columns need for their longest text; padding is not included. */
export type ContentWidths = Readonly<Record<MeasuredColumn, number>>;

export interface TableColumns {
  /** For `grid-template-columns`. */
  template: string;
  /** What the shown columns need at least, in pixels. */
  leastWidth: number;
  /** Columns a narrow table does without. */
  dropped: readonly ColumnId[];
}

const CELL_PADDING = 10;
/** In pixels, with padding. Layer and method grow, so that names and reasons can be read where there is room. */
const LEAST: Readonly<Record<ColumnId, number>> = {
  layer: 170, op: 44, shape: 62, type: 72, weights: 68, distribution: 88, fit: 102, moved: 68, bits: 66, method: 110, sqnr: 60, output: 112, size: 122,
};
/** Operators longer than ConvTranspose are shortened, and so are shapes of many dimensions. */
const MOST: Readonly<Record<MeasuredColumn, number>> = { op: 112, shape: 150, weights: 120 };
const GROWTH: Readonly<Partial<Record<ColumnId, number>>> = { layer: 2, method: 1 };
/**
 * First to last: the number of weights follows from the shape, and the inspector says the rest. Layer, bits, SQNR and size, by
 * which widths are chosen, do not give way.
 */
const GIVE_WAY: readonly ColumnId[] = ['weights', 'distribution', 'fit', 'type', 'op', 'moved', 'shape', 'method', 'output'];

/**
 * The share of each of the columns `chosen` in a table `available` pixels wide; `fixed` are widths that a person gave. These
 * columns and those `kept` do not give way.
 */
export function tableColumns(
  available: number, content: ContentWidths, chosen: readonly ColumnId[], { widths: fixed, kept }: Pick<TableLayout, 'widths' | 'kept'>,
): TableColumns {
  const least = { ...LEAST };
  for (const id of ['op', 'shape', 'weights'] as const) {
    least[id] = Math.min(Math.max(Math.ceil(content[id]) + CELL_PADDING, LEAST[id]), MOST[id]);
  }
  Object.assign(least, fixed);
  const needed = (dropped: readonly ColumnId[]): number =>
    chosen.reduce((sum, id) => (dropped.includes(id) ? sum : sum + least[id]), 0);
  const giveWay = GIVE_WAY.filter((id) => chosen.includes(id) && !kept.includes(id) && fixed[id] === undefined);
  const drops = giveWay.map((_, count) => giveWay.slice(0, count));
  const dropped = drops.find((ids) => needed(ids) <= available) ?? giveWay;
  const shown = chosen.filter((id) => !dropped.includes(id));
  const track = (id: ColumnId): string =>
    (GROWTH[id] && fixed[id] === undefined ? `minmax(${least[id]}px, ${GROWTH[id]}fr)` : `${least[id]}px`);
  return { template: shown.map(track).join(' '), leastWidth: needed(dropped), dropped };
}

/** The widest texts of the columns whose content differs most from model to model; `width` measures one. */
export function contentWidths(layers: readonly LayerRow[], width: (text: string) => number): ContentWidths {
  const widest = (text: (layer: LayerRow) => string): number => {
    const texts = new Set(layers.map(text));
    return [...texts].reduce((most, each) => Math.max(most, width(each)), 0);
  };
  return {
    op: widest(({ op }) => op),
    shape: widest(({ dims }) => formatShape(dims)),
    weights: widest(({ elements }) => formatCount(elements)),
  };
}
