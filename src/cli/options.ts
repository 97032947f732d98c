import { SETTING_VALUES, type SettingName } from '../core/plan/readSettings';

export const COMMANDS = ['inspect', 'preview', 'quantize'] as const;
export type CommandName = (typeof COMMANDS)[number];

/** Part of the command line's contract, and not built yet: named as such, not as mistakes. */
export const COMMANDS_TO_COME = ['allocate', 'compare', 'evaluate'];
export const OPTIONS_TO_COME = ['calibration'];

export interface Option {
  type: 'string' | 'boolean';
  short?: string;
  /** May be given several times. */
  multiple?: true;
  /** What stands for the value in help texts. */
  value?: string;
  help: string;
  commands: readonly CommandName[];
}

const WRITING = ['preview', 'quantize'] as const;

const SETTING_HELP: Record<SettingName, string> = {
  method: 'quantizer (uniform)',
  bits: 'bits per weight (8)',
  granularity: 'one codebook per tensor, output channel, or block of its inputs (channel)',
  grid: 'uniform grid (symmetric; mid-rise at 2 bits)',
  normalize: 'whose mean and deviation weights are normalised by (none)',
  support: 'how the support region is chosen (mse: the measured optimum)',
  fit: 'design on the fitted density or on the weights (data)',
  mode: 'variant of a method that has some',
  rounding: 'how weights are assigned to levels (nearest)',
};

function settingOption(name: SettingName): Option {
  return { type: 'string', value: SETTING_VALUES[name].join('|'), help: SETTING_HELP[name], commands: WRITING };
}

/** Every option of every command, in the order help lists them. */
export const OPTIONS = {
  layer: { type: 'string', value: 'NAME', help: 'this layer only', commands: ['inspect'] },
  bins: { type: 'string', value: 'N', help: 'bins of the histograms (128)', commands: ['inspect'] },
  output: { type: 'string', short: 'o', value: 'OUT', help: 'where the copy goes', commands: ['quantize'] },
  method: settingOption('method'),
  bits: settingOption('bits'),
  granularity: settingOption('granularity'),
  grid: settingOption('grid'),
  normalize: settingOption('normalize'),
  support: settingOption('support'),
  fit: settingOption('fit'),
  mode: settingOption('mode'),
  rounding: settingOption('rounding'),
  format: { type: 'string', value: 'exact', help: 'how codes are stored (exact)', commands: WRITING },
  layers: {
    type: 'string', multiple: true, value: 'GLOB', help: 'only layers whose names match; may be repeated', commands: WRITING,
  },
  plan: { type: 'string', value: 'FILE', help: 'a plan file instead of settings', commands: WRITING },
  verify: { type: 'boolean', help: 'let ONNX Runtime read the copy and compare every weight', commands: ['quantize'] },
  force: { type: 'boolean', help: 'replace an existing file', commands: ['quantize'] },
  json: { type: 'boolean', help: 'print one JSON document', commands: COMMANDS },
  help: { type: 'boolean', short: 'h', help: 'print this text', commands: COMMANDS },
} satisfies Record<string, Option>;

export type OptionName = keyof typeof OPTIONS;

/** The options of one command, in the order of `OPTIONS`. */
export function optionsOf(command: CommandName): Map<OptionName, Option> {
  const all = Object.entries(OPTIONS) as [OptionName, Option][];
  return new Map(all.filter(([, option]) => option.commands.includes(command)));
}
