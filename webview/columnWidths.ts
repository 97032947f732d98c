import type { LayerRow } from '../src/protocol/page';
import { COLUMN_IDS, type ColumnId } from './columns';
import { formatCount, formatShape } from './numbers';

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
  layer: 170, op: 44, shape: 62, weights: 68, distribution: 88, fit: 102, bits: 66, method: 78, sqnr: 60, size: 122,
};
/** Operators longer than ConvTranspose are shortened, and so are shapes of many dimensions. */
const MOST: Readonly<Record<MeasuredColumn, number>> = { op: 112, shape: 150, weights: 120 };
const GROWTH: Readonly<Partial<Record<ColumnId, number>>> = { layer: 2, method: 1 };
/** First to last: the number of weights follows from the shape, and the inspector shows the distribution. */
const GIVE_WAY: readonly ColumnId[] = ['weights', 'distribution'];

/** The columns' share of a table `available` pixels wide. */
export function tableColumns(available: number, content: ContentWidths): TableColumns {
  const least = { ...LEAST };
  for (const id of ['op', 'shape', 'weights'] as const) {
    least[id] = Math.min(Math.max(Math.ceil(content[id]) + CELL_PADDING, LEAST[id]), MOST[id]);
  }
  const needed = (dropped: readonly ColumnId[]): number =>
    COLUMN_IDS.reduce((sum, id) => (dropped.includes(id) ? sum : sum + least[id]), 0);
  const drops = GIVE_WAY.map((_, count) => GIVE_WAY.slice(0, count));
  const dropped = drops.find((ids) => needed(ids) <= available) ?? GIVE_WAY;
  const shown = COLUMN_IDS.filter((id) => !dropped.includes(id));
  const track = (id: ColumnId): string => (GROWTH[id] ? `minmax(${least[id]}px, ${GROWTH[id]}fr)` : `${least[id]}px`);
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
