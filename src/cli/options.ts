import { COPY_FORMATS } from '../core/encodings/copyFormat';
import { BEST_METHOD, SETTING_VALUES, type SettingName } from '../core/plan/readSettings';

export const COMMANDS = ['inspect', 'preview', 'quantize', 'allocate', 'compare', 'evaluate'] as const;
export type CommandName = (typeof COMMANDS)[number];

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

const WRITING = ['preview', 'quantize', 'evaluate'] as const;
const PLANNING = [...WRITING, 'allocate'] as const;
const RUNNING = [...PLANNING, 'compare'] as const;

const SETTING_HELP: Record<SettingName, string> = {
  method: 'quantizer (uniform); best: for each layer the one of least error at equal size',
  bits: 'bits per weight (8)',
  granularity: 'one codebook per tensor, output channel, or block of its inputs (channel)',
  grid: 'uniform grid (symmetric; mid-rise at 2 bits)',
  normalize: 'whose mean and deviation weights are normalised by (none)',
  support: 'how the support region is chosen (mse: the measured optimum), or its limit in standard deviations',
  fit: 'design on the fitted density or on the weights (data)',
  mode: 'variant of a method that has some',
  rounding: 'how weights are assigned to levels (nearest); all others need --calibration',
};

/** What an option takes beside the setting's named values. */
const BESIDE_NAMED: Partial<Record<SettingName, string[]>> = { method: [BEST_METHOD], support: ['LIMIT'] };

function settingOption(name: SettingName): Option {
  const values = [...SETTING_VALUES[name], ...(BESIDE_NAMED[name] ?? [])];
  return { type: 'string', value: values.join('|'), help: SETTING_HELP[name], commands: name === 'bits' ? WRITING : PLANNING };
}

/** Every option of every command, in the order help lists them. */
export const OPTIONS = {
  layer: { type: 'string', value: 'GLOB', help: 'only layers whose names match', commands: ['inspect'] },
  bins: { type: 'string', value: 'N', help: 'bins of the histograms (128)', commands: ['inspect'] },
  output: { type: 'string', short: 'o', value: 'OUT', help: 'where the copy goes', commands: ['quantize', 'allocate'] },
  'average-bits': { type: 'string', value: 'X', help: 'at most X bits on average over all weights', commands: ['allocate'] },
  'max-bytes': { type: 'string', value: 'SIZE', help: 'a copy of at most so many bytes, KB, MB, GB, or % of the model', commands: ['allocate'] },
  'min-sqnr': { type: 'string', value: 'DB', help: 'at least DB decibels in each layer', commands: ['allocate'] },
  by: {
    type: 'string', value: 'sqnr|coding-length|calibrated', commands: ['allocate'],
    help: 'what decides: measured error of weights, lossy coding length, or error of outputs on --calibration (sqnr)',
  },
  coding: {
    type: 'string', value: 'per-weight|total', help: 'coding length of a weight or of a whole layer (per-weight)', commands: ['allocate'],
  },
  distortion: { type: 'string', value: 'D', help: 'squared error of a weight that coding lengths allow (0.001)', commands: ['allocate'] },
  ends: { type: 'string', value: 'BITS', help: 'width of the first and the last layer, whatever the others get', commands: ['allocate'] },
  method: settingOption('method'),
  bits: settingOption('bits'),
  granularity: settingOption('granularity'),
  grid: settingOption('grid'),
  normalize: settingOption('normalize'),
  support: settingOption('support'),
  fit: settingOption('fit'),
  mode: settingOption('mode'),
  rounding: settingOption('rounding'),
  format: {
    type: 'string', value: COPY_FORMATS.join('|'), help: 'how codes are stored (exact); see below', commands: PLANNING,
  },
  layers: {
    type: 'string', multiple: true, value: 'GLOB', help: 'only layers whose names match; may be repeated', commands: PLANNING,
  },
  plan: { type: 'string', value: 'FILE', help: 'a plan file instead of settings', commands: PLANNING },
  calibration: {
    type: 'string', value: 'FILE', help: 'inputs (.npy, .npz, IDX) that rounding and errors of outputs are measured on', commands: PLANNING,
  },
  'calibration-samples': { type: 'string', value: 'N', help: 'the first N of them (1024)', commands: PLANNING },
  'bias-correction': {
    type: 'boolean', help: 'let biases take up what quantization changes in the means of outputs; needs --calibration', commands: WRITING,
  },
  equalize: { type: 'boolean', help: 'scale channels between two layers to like ranges first', commands: WRITING },
  verify: { type: 'boolean', help: 'let ONNX Runtime compare every weight in the copy, and run it once', commands: ['quantize'] },
  force: { type: 'boolean', help: 'replace an existing file', commands: ['quantize', 'allocate'] },
  tolerance: { type: 'string', value: 'X', help: 'differences up to X count as equal (0)', commands: ['compare'] },
  changes: { type: 'boolean', help: 'only layers that are not equal', commands: ['compare'] },
  inputs: {
    type: 'string', value: 'FILE', help: 'run models on this .npy, .npz or IDX file instead of random inputs', commands: ['compare', 'evaluate'],
  },
  labels: { type: 'string', value: 'FILE', help: 'the class of each sample, a whole number: gives accuracy', commands: ['evaluate'] },
  reference: { type: 'string', value: 'MODEL', help: 'the model to be held against, instead of settings', commands: ['evaluate'] },
  samples: { type: 'string', value: 'N', help: 'the first N samples (all)', commands: ['evaluate'] },
  'input-scale': { type: 'string', value: 'X', help: 'multiply inputs by X (1/255 for IDX bytes given to a float input)', commands: RUNNING },
  layout: { type: 'string', value: 'nchw|nhwc', help: 'how images lie in the input file', commands: RUNNING },
  json: { type: 'boolean', help: 'print one JSON document', commands: COMMANDS },
  help: { type: 'boolean', short: 'h', help: 'print this text', commands: COMMANDS },
} satisfies Record<string, Option>;

export type OptionName = keyof typeof OPTIONS;

/** Widths are chosen for one method. */
const ONE_METHOD: Option = { ...OPTIONS.method, value: SETTING_VALUES.method.join('|'), help: 'quantizer (uniform)' };

const PLAN_OUTPUT: Option = { ...OPTIONS.output, value: 'PLAN', help: 'where the plan goes' };

/** What does for a command what another's option is for. */
export const INSTEAD: Partial<Record<CommandName, Record<string, OptionName>>> = { allocate: { bits: 'average-bits' } };

/** The options of one command, in the order of `OPTIONS`. */
export function optionsOf(command: CommandName): Map<OptionName, Option> {
  const all = Object.entries(OPTIONS) as [OptionName, Option][];
  const options = new Map(all.filter(([, option]) => option.commands.includes(command)));
  if (command === 'allocate') {
    options.set('method', ONE_METHOD);
    options.set('output', PLAN_OUTPUT);
  }
  return options;
}
