import * as l10n from '@vscode/l10n';

export const COLUMN_IDS = [
  'layer', 'op', 'shape', 'type', 'weights', 'distribution', 'fit', 'moved', 'bits', 'method', 'sqnr', 'output', 'size',
] as const;

export type ColumnId = (typeof COLUMN_IDS)[number];

export interface Column<Id = ColumnId> {
  id: Id;
  label: string;
  /** What the column says and what sorting by it goes by. */
  hint: string;
}

/** The table's columns in their first order; a function because the texts depend on the page's language. */
export function columns(): Column[] {
  return [
    { id: 'layer', label: l10n.t('Layer'), hint: l10n.t('Name of the weight tensor') },
    { id: 'op', label: l10n.t('Op'), hint: l10n.t('Operator that uses the weights') },
    { id: 'shape', label: l10n.t('Shape'), hint: l10n.t('Dimensions of the weight tensor') },
    { id: 'type', label: l10n.t('Type'), hint: l10n.t('Data type of the weights') },
    { id: 'weights', label: l10n.t('Weights'), hint: l10n.t('Number of weights') },
    { id: 'distribution', label: l10n.t('Distribution'), hint: l10n.t('Histogram of the weights; sorts by standard deviation') },
    { id: 'fit', label: l10n.t('Fit'), hint: l10n.t('Nearer family and its Kolmogorov–Smirnov distance: lower is better') },
    {
      id: 'moved', label: l10n.t('Moved'),
      hint: l10n.t('How far the weights moved when the file last changed: Kolmogorov–Smirnov distance, from 0 to 1'),
    },
    { id: 'bits', label: l10n.t('Bits'), hint: l10n.t('Planned bit width, or that of weights that are quantized already') },
    { id: 'method', label: l10n.t('Method'), hint: l10n.t('Planned quantizer') },
    { id: 'sqnr', label: l10n.t('SQNR'), hint: l10n.t('Error of weights: signal to quantization noise ratio in dB, measured over all of them') },
    {
      id: 'output', label: l10n.t('Output SQNR'),
      hint: l10n.t('Error of the layer\'s outputs on calibration data, in dB; other layers in float'),
    },
    { id: 'size', label: l10n.t('Size'), hint: l10n.t('Bytes of the weights, before → after') },
  ];
}
