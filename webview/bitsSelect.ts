import * as l10n from '@vscode/l10n';
import type { BitWidth } from '../src/core/plan/layerSettings';
import { element, keepKeys } from './dom';

/** What a row's drop-down stands on. */
export type BitsChoice = BitWidth | 'float';

const BIT_WIDTHS: readonly BitWidth[] = [2, 3, 4, 5, 6, 7, 8];

/** A native drop-down, light enough for every row on screen; Escape and ArrowLeft lead back to its row. */
export function createBitsSelect(onChoice: (choice: BitsChoice) => void): HTMLSelectElement {
  const select = element('select', 'bits-select',
    new Option(l10n.t('Float'), 'float'), ...BIT_WIDTHS.map((bits) => new Option(`${bits}`, `${bits}`)));
  keepKeys(select);
  select.addEventListener('change', () => onChoice(BIT_WIDTHS.find((bits) => `${bits}` === select.value) ?? 'float'));
  select.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' && event.key !== 'ArrowLeft') return;
    event.preventDefault();
    select.closest<HTMLElement>('[role=row]')?.focus();
  });
  return select;
}
