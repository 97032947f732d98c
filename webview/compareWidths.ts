import type { CompareRow } from '../src/protocol/comparePage';
import { compareColumns, type CompareColumnId } from './compareColumns';
import { bitsText, bothText, compareLabel, differenceText, shapeText, sizeText, sqnrText } from './compareText';
import { labelText } from './layerLabel';

export interface CompareWidths {
  /** For `grid-template-columns`. */
  template: string;
  /** What all columns need at least, in pixels. */
  leastWidth: number;
}

type MeasuredColumn = Exclude<CompareColumnId, 'state' | 'open'>;

const CELL_PADDING = 10;
/** The arrow of the column that rows are sorted by; of SQNR also the mark of a warning. */
const SORT_ARROW = 14;
const WARNING_MARK = 18;
/** The start of a longer text tells enough, in pixels. */
const MOST: Readonly<Record<MeasuredColumn, number>> = {
  layer: 900, op: 160, shape: 340, type: 170, bits: 110, sqnr: 90, difference: 140, size: 170,
};
/** Where there is little room, names are shortened to this, and reasons in the state. */
const LEAST_LAYER = 160;
const LEAST_STATE = 110;
const OPEN = 76;

const TEXTS: Readonly<Record<MeasuredColumn, (row: CompareRow) => string>> = {
  layer: (row) => labelText(compareLabel(row)),
  op: (row) => bothText(row, ({ op }) => op),
  shape: shapeText,
  type: (row) => bothText(row, ({ dtype }) => dtype),
  bits: bitsText,
  sqnr: (row) => sqnrText(row).text,
  difference: (row) => differenceText(row).text,
  size: sizeText,
};

/** Columns as wide as their longest text, which `width` measures; names give way, and the state takes what is left. */
export function compareWidths(rows: Iterable<CompareRow>, width: (text: string) => number): CompareWidths {
  const all = [...rows];
  const labels = new Map(compareColumns().map(({ id, label }) => [id, label]));
  const needed = (id: MeasuredColumn): number => {
    const texts = new Set(all.map(TEXTS[id]));
    const mark = id === 'sqnr' ? WARNING_MARK : 0;
    const widest = [...texts].reduce((most, text) => Math.max(most, width(text) + mark), width(labels.get(id) ?? '') + SORT_ARROW);
    return Math.min(Math.ceil(widest) + CELL_PADDING, MOST[id]);
  };
  const layer = needed('layer');
  const leastLayer = Math.min(layer, LEAST_LAYER);
  const others = (['op', 'shape', 'type', 'bits', 'sqnr', 'difference', 'size'] as const).map(needed);
  return {
    template: `minmax(${leastLayer}px, ${layer}px) ${others.map((each) => `${each}px`).join(' ')} minmax(${LEAST_STATE}px, 1fr) ${OPEN}px`,
    leastWidth: leastLayer + others.reduce((sum, each) => sum + each, 0) + LEAST_STATE + OPEN,
  };
}
