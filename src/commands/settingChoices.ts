import * as l10n from '@vscode/l10n';
import { blockSize } from '../core/groups/layerGroups';
import {
  METHODS, completeSettings, scopeOf, type BitWidth, type Granularity, type PartialSettings,
} from '../core/plan/layerSettings';
import { methodName } from '../protocol/methodName';

export interface Choice {
  label: string;
  settings: PartialSettings;
}

/** Of all that a plan may say, those worth a line in a list; the usual one first. */
export const OFFERED_GRANULARITIES: readonly Granularity[] = ['channel', 'tensor', 'block:128', 'block:32'];

export const bitsName = (bits: BitWidth): string => l10n.t('{0} bits', bits);

export function granularityName(granularity: Granularity): string {
  if (granularity === 'tensor') return l10n.t('Per tensor');
  if (granularity === 'channel') return l10n.t('Per channel');
  return l10n.t('Per block of {0}', blockSize(granularity)!);
}

export function methodChoices(): Choice[] {
  return METHODS.map((method) => ({ label: methodName(method), settings: { method } }));
}

/** The widths that the method takes. */
export function bitsChoices(decided: PartialSettings): Choice[] {
  const { method, bits: most } = completeSettings(decided);
  return scopeOf(method, most).bits.map((bits) => ({ label: bitsName(bits), settings: { bits } }));
}

/** What may share a codebook with the method. */
export function granularityChoices(decided: PartialSettings): Choice[] {
  const { method, bits } = completeSettings(decided);
  const possible = OFFERED_GRANULARITIES.filter((granularity) => scopeOf(method, bits).granularities.includes(granularity));
  return possible.map((granularity) => ({ label: granularityName(granularity), settings: { granularity } }));
}
