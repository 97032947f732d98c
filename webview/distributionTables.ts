import * as l10n from '@vscode/l10n';
import { countCell, numberCell, type TableData } from './chartTable';
import type { Plot } from './distribution';
import { histogramBins, type Bin } from './histogramBins';
import { binCells } from './histogramConfig';

/** The histogram's bins, and the quantizer's levels where there are some. */
export function distributionTables({ bins, codebook, previous }: Plot): TableData[] {
  const histogram = (caption: string, shown: readonly Bin[]): TableData => (
    { caption, heads: [l10n.t('From'), l10n.t('To'), l10n.t('Weights')], rows: shown.map(binCells) }
  );
  const histograms = [
    histogram(l10n.t('Histogram'), bins),
    ...(previous ? [histogram(l10n.t('Before the last change'), histogramBins(previous))] : []),
  ];
  if (!codebook) return histograms;
  const rows = codebook.levels.map((level, code) => {
    const threshold = codebook.thresholds[code];
    return [countCell(code), numberCell(level), numberCell(threshold ?? null)];
  });
  return [...histograms, { caption: l10n.t('Levels'), heads: [l10n.t('Code'), l10n.t('Level'), l10n.t('Threshold to next')], rows }];
}
