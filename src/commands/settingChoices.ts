import * as l10n from '@vscode/l10n';
import {
  BIT_WIDTHS, GRANULARITIES, METHODS, type BitWidth, type Granularity, type MethodId,
} from '../core/plan/layerSettings';
import type { Choice } from './measuredPick';

const METHOD_NAMES: Record<MethodId, () => string> = {
  uniform: () => l10n.t('Uniform'),
};

const GRANULARITY_NAMES: Record<Granularity, () => string> = {
  tensor: () => l10n.t('Per tensor'),
  channel: () => l10n.t('Per channel'),
};

export const methodName = (method: MethodId): string => METHOD_NAMES[method]();
export const bitsName = (bits: BitWidth): string => l10n.t('{0} bits', bits);
export const granularityName = (granularity: Granularity): string => GRANULARITY_NAMES[granularity]();

export function methodChoices(): Choice[] {
  return METHODS.map((method) => ({ label: methodName(method), settings: { method } }));
}

export function bitsChoices(): Choice[] {
  return BIT_WIDTHS.map((bits) => ({ label: bitsName(bits), settings: { bits } }));
}

export function granularityChoices(): Choice[] {
  return GRANULARITIES.map((granularity) => ({ label: granularityName(granularity), settings: { granularity } }));
}
