import * as l10n from '@vscode/l10n';
import type { Drift } from './drift';
import { element, setText } from './dom';
import { shortenMiddle } from './names';
import { formatCount } from './numbers';
import { movedText } from './rowText';
import type { PageState } from './state';
import { button, link } from './toolkit';

/** A longer name of a layer would push the line apart. */
const NAME_LENGTH = 40;

export interface DriftLine {
  element: HTMLElement;
  render(state: Readonly<PageState>): void;
}

/** What the file's last change did to the weights, in one line that goes when it was seen. */
export function createDriftLine(actions: { reveal(layer: number): void; rank(): void; dismiss(): void }): DriftLine {
  const summary = element('span', 'drift-summary');
  summary.setAttribute('role', 'status');
  let mostLayer: number | null = null;
  const most = link(() => mostLayer !== null && actions.reveal(mostLayer));
  most.classList.add('drift-most');
  const rank = link(actions.rank);
  rank.textContent = l10n.t('Sort by it');
  const dismiss = button('✕', 'icon', actions.dismiss);
  dismiss.setAttribute('aria-label', l10n.t('Dismiss what moved'));
  dismiss.title = l10n.t('Dismiss what moved');
  const line = element('div', 'drift-line', summary, most, rank, dismiss);
  let drawn: Drift | null = null;
  line.hidden = true;

  return {
    element: line,
    render({ drift, rows }) {
      if (drift === drawn) return;
      drawn = drift;
      line.hidden = drift === null;
      if (!drift) return;
      const name = drift.most === null ? '' : (rows.get(drift.most.layer)?.layer.name ?? '');
      mostLayer = drift.most?.layer ?? null;
      setText(summary, driftText(drift));
      summary.title = drift.compared === rows.size
        ? '' : l10n.t('Of {0} layers; what the others were before is not known', formatCount(rows.size));
      most.hidden = rank.hidden = drift.most === null;
      const distance = movedText({ moved: drift.most?.ks ?? null }).text;
      setText(most, l10n.t('most: {0} ({1})', shortenMiddle(name, NAME_LENGTH), distance));
      most.title = name;
    },
  };
}

function driftText({ compared, moved }: Drift): string {
  return compared === 1
    ? l10n.t('The file changed: {0} of 1 layer moved', formatCount(moved))
    : l10n.t('The file changed: {0} of {1} layers moved', formatCount(moved), formatCount(compared));
}
