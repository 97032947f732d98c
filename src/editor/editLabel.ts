import { basename } from 'node:path/posix';
import * as l10n from '@vscode/l10n';
import type { PlanEdit } from '../core/plan/edits';
import { methodName } from '../protocol/methodName';
import { roundingName } from '../protocol/roundingName';

/** What Undo and Redo call the edit: `Set conv1.weight to 4-bit`. */
export function editLabel({ label, changes }: PlanEdit): string {
  const subject = changes.length === 1 ? changes[0]!.key : l10n.t('{0} layers', changes.length);
  switch (label.kind) {
    case 'bits': return l10n.t('Set {0} to {1}-bit', subject, label.bits);
    case 'float': return l10n.t('Keep {0} in float', subject);
    case 'method': return l10n.t('Set {0} to {1}', subject, methodName(label.method));
    case 'rounding': return l10n.t('Round {0}: {1}', subject, roundingName(label.rounding));
    case 'best': return l10n.t('Use best method for {0}', subject);
    case 'allocation': return l10n.t('Allocate bits: {0} on average', label.averageBits.toFixed(1));
    case 'settings': return label.settings.bits === undefined
      ? l10n.t('Change settings of {0}', subject)
      : l10n.t('Set {0} to {1}-bit', subject, label.settings.bits);
    case 'defaults': return label.defaults === 'float' || label.defaults.bits === undefined
      ? l10n.t('Change settings of all layers')
      : l10n.t('Set all layers to {0}-bit', label.defaults.bits);
    case 'calibration': return label.inputs === null
      ? l10n.t('Clear calibration data')
      : l10n.t('Set calibration data to {0}', basename(label.inputs));
    case 'options': return l10n.t('Change copy options');
  }
}
