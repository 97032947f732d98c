import * as l10n from '@vscode/l10n';
import { undrawnFit, type LeavingDensity, type Plot } from './distribution';
import { element } from './dom';
import { formatNumber } from './numbers';
import { FAMILY_NAMES } from './rowText';

/** What each mark of the chart is, with the parameters of the fits. */
export function legendEntries(plot: Plot): HTMLElement[] {
  const { statistics, codebook, granularity, showGauss, previous, leaving } = plot;
  const { laplace, gauss } = statistics;
  const entries = [entry('histogram', l10n.t('Weights'))];
  if (previous) entries.push(entry('ghost', l10n.t('Before the last change (KS {0})', formatNumber(previous.ks, 2))));
  if (laplace) entries.push(entry('laplace', `${FAMILY_NAMES.laplace} b = ${formatNumber(laplace.scale, 3)}`));
  if (gauss && showGauss) entries.push(entry('gauss', `${FAMILY_NAMES.gauss} σ = ${formatNumber(gauss.scale, 3)}`));
  if (codebook) {
    if (codebook.levels.length > 0) {
      entries.push(entry('levels', l10n.t('{0} levels', codebook.levels.length)), entry('thresholds', l10n.t('Thresholds')));
    }
    entries.push(entry('limits', l10n.t('Clip limits')));
    if (codebook.channel !== null) {
      const note = granularity === 'channel'
        ? l10n.t('Levels are those of channel {0}, the channel with the widest support.', codebook.channel)
        : l10n.t('Levels are those of block {0}, the block with the widest support.', codebook.channel);
      entries.push(element('li', 'legend-note', note));
    }
  }
  for (const density of leaving) entries.push(element('li', 'legend-note', leavingText(density)));
  const undrawn = undrawnFit(plot);
  if (undrawn !== null) entries.push(element('li', 'legend-note', undrawn));
  return entries;
}

function leavingText({ family, times }: LeavingDensity): string {
  return l10n.t('{0} leaves the chart at the top: its peak is {1} times as high as the highest bar.',
    FAMILY_NAMES[family], formatNumber(times, 2));
}

function entry(mark: string, label: string): HTMLElement {
  return element('li', '', element('span', `swatch ${mark}`), label);
}
