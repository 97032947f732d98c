import * as l10n from '@vscode/l10n';
import type { RoundingId } from '../core/plan/layerSettings';

/** How codes are chosen, as people see it: N2UQ's calibrated mode is a way of its own. */
export type ShownRounding = RoundingId | 'calibrated';

const ROUNDING_NAMES: Record<ShownRounding, () => string> = {
  nearest: () => l10n.t('Nearest'),
  gptq: () => 'GPTQ',
  attention: () => l10n.t('Attention Round'),
  'attention-normal': () => l10n.t('Attention Round, Normal'),
  reconstruction: () => l10n.t('Reconstruction'),
  calibrated: () => l10n.t('Learned Thresholds'),
};

/** What people call the rounding. */
export function roundingName(rounding: ShownRounding): string {
  return ROUNDING_NAMES[rounding]();
}

/** What a copy does with a layer that cannot be calibrated, and why. */
export function nearestInsteadText(planned: ShownRounding, reason: string): string {
  return l10n.t('rounded to nearest, not by {0}: {1}', roundingName(planned), reason);
}
