import * as l10n from '@vscode/l10n';
import type { Distribution } from './distribution';
import { element } from './dom';
import { formatNumber } from './numbers';
import { FAMILY_NAMES } from './rowText';

/** What each mark of the chart is, with the parameters of the fits. */
export function legendEntries({ statistics, codebook, granularity, showGauss }: Distribution): HTMLElement[] {
  const { laplace, gauss } = statistics;
  const entries = [entry('histogram', l10n.t('Weights'))];
  if (laplace) entries.push(entry('laplace', `${FAMILY_NAMES.laplace} b = ${formatNumber(laplace.scale, 3)}`));
  if (gauss && showGauss) entries.push(entry('gauss', `${FAMILY_NAMES.gauss} σ = ${formatNumber(gauss.scale, 3)}`));
  if (codebook) {
    entries.push(
      entry('levels', l10n.t('{0} levels', codebook.levels.length)),
      entry('thresholds', l10n.t('Thresholds')),
      entry('limits', l10n.t('Clip limits')));
    if (codebook.channel !== null) {
      const note = granularity === 'channel'
        ? l10n.t('Levels are those of channel {0}, the channel with the widest support.', codebook.channel)
        : l10n.t('Levels are those of block {0}, the block with the widest support.', codebook.channel);
      entries.push(element('li', 'legend-note', note));
    }
  }
  return entries;
}

function entry(mark: string, label: string): HTMLElement {
  return element('li', '', element('span', `swatch ${mark}`), label);
}
