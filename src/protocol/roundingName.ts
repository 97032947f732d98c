import * as l10n from '@vscode/l10n';
import type { RoundingId } from '../core/plan/layerSettings';

const ROUNDING_NAMES: Record<RoundingId, () => string> = {
  nearest: () => l10n.t('Nearest'),
  gptq: () => 'GPTQ',
  attention: () => l10n.t('Attention Round'),
  'attention-normal': () => l10n.t('Attention Round, Normal'),
  reconstruction: () => l10n.t('Reconstruction'),
};

/** What people call the rounding. */
export function roundingName(rounding: RoundingId): string {
  return ROUNDING_NAMES[rounding]();
}
