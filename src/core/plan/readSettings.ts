import type { Place, Problem } from '../errors';
import {
  BIT_WIDTHS, FITS, GRANULARITIES, GRIDS, isSupportLimit, LARGEST_LIMIT, METHODS, MODES, NORMALIZATIONS, ROUNDINGS, SUPPORT_REGIONS,
  type LayerSettings, type PartialSettings,
} from './layerSettings';
import { nearestName } from './nearestName';
import { isQuoted, valueText } from './valueText';

export type SettingName = keyof LayerSettings;

/** The named values of every setting, for plan files and command lines alike, in the order plans are written. */
export const SETTING_VALUES: { readonly [Name in SettingName]: readonly Required<LayerSettings>[Name][] } = {
  method: METHODS,
  bits: BIT_WIDTHS,
  granularity: GRANULARITIES,
  grid: GRIDS,
  normalize: NORMALIZATIONS,
  support: SUPPORT_REGIONS,
  fit: FITS,
  mode: MODES,
  rounding: ROUNDINGS,
};

/** In the same order. */
export const SETTING_NAMES = Object.keys(SETTING_VALUES) as readonly SettingName[];

/** What a command line may say in a method's place: a search that ends in settings, and so no setting of its own. */
export const BEST_METHOD = 'best';

/** Blocks of another size are no misspelling of those there are: all choices tell more than one. */
const BLOCK_OF_NUMBER = /^block:-?\d/;

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTING_VALUES, name);
}

/**
 * Sets one setting from a value of unknown type.
 * @returns null, or the problem `setting-invalid` with the legal values and, where one is close, the likeliest one; `settings`
 * is unchanged then.
 */
export function readSetting<Name extends SettingName>(
  settings: PartialSettings, name: Name, value: unknown, place: Place,
): Problem | null {
  if (name === 'support' && isSupportLimit(value)) {
    settings.support = value;
    return null;
  }
  const legal = SETTING_VALUES[name];
  const found = legal.find((candidate) => candidate === value);
  if (found !== undefined) {
    settings[name] = found;
    return null;
  }
  const text = valueText(value);
  const detail: Problem['detail'] = {
    setting: name, value: text, expected: legal.join(', '), ...(name === 'support' && { largest: LARGEST_LIMIT }),
  };
  if (name === 'method' && text === BEST_METHOD) {
    detail.reason = 'a-search';
  } else if (isQuoted(value, (bare) => legal.some((candidate) => candidate === bare) || (name === 'support' && isSupportLimit(bare)))) {
    detail.reason = 'quoted';
  } else if (!BLOCK_OF_NUMBER.test(text)) {
    const suggestion = nearestName(text, legal.map(String));
    if (suggestion !== undefined) detail.suggestion = suggestion;
  }
  return { code: 'setting-invalid', place, detail };
}

/** `readSetting` for a value written as text on a command line, which takes `best` for a method besides. */
export function readSettingText(settings: PartialSettings, name: SettingName, text: string, place: Place): Problem | null {
  const number = name === 'bits' || name === 'support' ? plainNumber(text) : null;
  const problem = readSetting(settings, name, number ?? text, place);
  return problem && { ...problem, detail: { ...problem.detail, value: text, ...(name === 'method' && methodChoices(text)) } };
}

function methodChoices(text: string): Problem['detail'] {
  const methods = SETTING_VALUES.method;
  const suggestion = nearestName(text, [BEST_METHOD, ...methods]);
  return { expected: [...methods, BEST_METHOD].join(', '), ...(suggestion !== undefined && { suggestion }) };
}

/** Null for what is no plain number from 0 on. */
export function plainNumber(text: string): number | null {
  return /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text)) ? Number(text) : null;
}
