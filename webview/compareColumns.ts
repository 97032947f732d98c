import * as l10n from '@vscode/l10n';
import type { CompareRow, CompareRowLayer } from '../src/protocol/comparePage';
import type { Column } from './columns';
import { ratioOf } from './compareText';
import type { Key } from './sort';

export const COMPARE_COLUMN_IDS = [
  'layer', 'op', 'shape', 'type', 'bits', 'sqnr', 'difference', 'size', 'state', 'open',
] as const;

export type CompareColumnId = (typeof COMPARE_COLUMN_IDS)[number];

/** The columns from left to right. */
export function compareColumns(): Column<CompareColumnId>[] {
  return [
    { id: 'layer', label: l10n.t('Layer'), hint: l10n.t('Name of the weight tensor') },
    { id: 'op', label: l10n.t('Op'), hint: l10n.t('Operator that uses the weights') },
    { id: 'shape', label: l10n.t('Shape'), hint: l10n.t('Dimensions of the weight tensor') },
    { id: 'type', label: l10n.t('Type'), hint: l10n.t('Data type of the weights') },
    { id: 'bits', label: l10n.t('Bits'), hint: l10n.t('Bit width of the weights where they are quantized') },
    { id: 'sqnr', label: l10n.t('SQNR'), hint: l10n.t('Signal of A\'s weights to the noise in B\'s, in dB, over all weights') },
    { id: 'difference', label: l10n.t('Max difference'), hint: l10n.t('Largest absolute difference of two weights') },
    { id: 'size', label: l10n.t('Size'), hint: l10n.t('Bytes of the weights, or of their codes without scales and levels; sorts by B\'s') },
    { id: 'state', label: l10n.t('State'), hint: l10n.t('Whether the layer is the same in both models') },
    { id: 'open', label: l10n.t('Open'), hint: l10n.t('Opens the layer in one of the models') },
  ];
}

/** What sorting by a column goes by; lossless layers have the highest SQNR. */
export const COMPARE_KEYS: Readonly<Record<CompareColumnId, (row: CompareRow) => Key>> = {
  layer: (row) => layerIn(row).name,
  op: (row) => layerIn(row).op,
  shape: (row) => layerIn(row).dims.join('×'),
  type: (row) => (row.b ?? layerIn(row)).dtype,
  bits: (row) => (row.b ?? layerIn(row)).bits,
  sqnr: (row) => (row.identical ? Infinity : ratioOf(row)),
  difference: (row) => row.maxAbsDifference,
  size: (row) => (row.b ?? layerIn(row)).bytes,
  state: (row) => row.state,
  open: () => null,
};

/** The layer as A has it, or B where A has none. */
function layerIn({ a, b }: CompareRow): CompareRowLayer {
  const layer = a ?? b;
  if (!layer) throw new Error('a row without a layer');
  return layer;
}
