import type { Place, Problem } from '../errors';
import { isSupportLimit, LARGEST_LIMIT, scopeOf, SUPPORT_REGIONS, type LayerSettings } from './layerSettings';

/** The problem `setting-invalid` of a setting that is legal, but not with this method; null when all go together. */
export function checkSettings({ method, bits, granularity, support, mode, rounding }: LayerSettings, place: Place): Problem | null {
  const scope = scopeOf(method, bits);
  const invalid = (setting: string, value: string, expected: readonly unknown[], more: Problem['detail'] = {}): Problem => ({
    code: 'setting-invalid', place, detail: { setting, value, method, expected: expected.join(', '), ...more },
  });
  if (!scope.bits.includes(bits)) return invalid('bits', String(bits), scope.bits);
  if (!scope.granularities.includes(granularity)) return invalid('granularity', granularity, scope.granularities);
  if (mode !== undefined && !scope.modes.includes(mode)) return invalid('mode', mode, scope.modes);
  if (!scope.roundings.includes(rounding)) return invalid('rounding', rounding, scope.roundings);
  if (mode === 'calibrated' && rounding !== 'nearest') return invalid('rounding', rounding, ['nearest'], { mode });
  if (typeof support === 'number' && !isSupportLimit(support)) {
    return invalid('support', String(support), SUPPORT_REGIONS, { largest: LARGEST_LIMIT });
  }
  return null;
}

/** Whether settings that are legal leave most weights at zero: three symmetric levels spread to the largest of them do. */
export function isRuinous({ method, bits, grid, support }: LayerSettings): boolean {
  return method === 'uniform' && bits === 2 && grid === 'symmetric' && support === 'abs-max';
}
