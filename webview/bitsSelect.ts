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

/** Offers the widths that a layer's method takes; of the others it says why not. */
export function offerWidths(select: HTMLSelectElement, widths: readonly BitWidth[] = BIT_WIDTHS): void {
  for (const bits of BIT_WIDTHS) {
    const option = select.options[1 + BIT_WIDTHS.indexOf(bits)]!;
    option.disabled = !widths.includes(bits);
    option.title = option.disabled ? l10n.t('The quantizer of this layer does not take {0} bits', bits) : '';
  }
}
