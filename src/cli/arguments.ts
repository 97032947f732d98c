import { parseArgs } from 'node:util';
import { COPY_FORMATS, isCopyFormat, type CopyFormat } from '../core/encodings/copyFormat';
import { checkSettings } from '../core/plan/checkSettings';
import { completeSettings, type PartialSettings } from '../core/plan/layerSettings';
import { nearestName } from '../core/plan/nearestName';
import { BEST_METHOD, readSettingText, SETTING_NAMES } from '../core/plan/readSettings';
import { allocateArguments, type AllocateArguments } from './allocateArguments';
import { requireCalibration, tuningOf } from './calibrationArguments';
import { compareArguments, type CompareArguments } from './compareArguments';
import { COMMANDS, INSTEAD, optionsOf, type CommandName, type Option, type OptionName } from './options';
import { evaluateArguments, type CopyArguments, type EvaluateArguments } from './evaluateArguments';
import { problemLine } from './problemLine';
import { UsageError } from './usageError';

/** Which layers are quantized, and how: by a plan file, or by settings for the layers that match. */
export type Selection =
  | { plan: string }
  | {
    settings: PartialSettings;
    /** Empty: all quantizable layers. */
    layers: string[];
    /** The method of least error for each layer, whatever `settings` say of it. */
    best?: true;
  };

export interface InspectArguments {
  command: 'inspect';
  model: string;
  json: boolean;
  layer: string | undefined;
  bins: number;
}

export interface PreviewArguments extends CopyArguments {
  command: 'preview';
  model: string;
  json: boolean;
}

export interface QuantizeArguments extends CopyArguments {
  command: 'quantize';
  model: string;
  json: boolean;
  output: string;
  verify: boolean;
  force: boolean;
}

export type Arguments =
  | { command: 'help'; of?: CommandName }
  | { command: 'version' }
  | InspectArguments
  | PreviewArguments
  | QuantizeArguments
  | CompareArguments
  | EvaluateArguments
  | AllocateArguments;

const DEFAULT_BINS = 128;
/** More bins than any screen has pixels. */
const MAX_BINS = 65_536;

/**
 * Reads a command line, without the program's own name.
 * @throws UsageError
 */
export function parseArguments(argv: readonly string[]): Arguments {
  const [first, ...rest] = argv;
  if (first === undefined) throw new UsageError(`no command given: use ${COMMANDS.join(', ')}, or --help`);
  if (first === '--version') return { command: 'version' };
  if (first === '--help' || first === '-h') return { command: 'help' };
  if (first === 'help') return helpOn(rest[0]);
  const command = COMMANDS.find((name) => name === first);
  if (command === undefined) {
    throw new UsageError(`unknown command ${first}${didYouMean(nearestName(first, COMMANDS)) || `: use ${COMMANDS.join(', ')}`}`);
  }
  const given = readOptions(command, rest);
  if (given.flag('help')) return { command: 'help', of: command };
  if (command === 'compare') return compareArguments(given);
  const model = onlyModel(command, given.positionals);
  const json = given.flag('json');
  switch (command) {
    case 'inspect':
      return { command, model, json, layer: given.text('layer'), bins: binsOf(given.text('bins')) };
    case 'allocate':
      return allocateArguments(given, model, { selection: selectionOf(given), format: formatOf(given.text('format')) });
    case 'preview':
      return { command, model, json, ...copyOf(given) };
    case 'evaluate':
      return evaluateArguments(given, model, () => copyOf(given));
    case 'quantize': {
      const output = given.text('output');
      if (output === undefined) throw new UsageError('quantize needs -o OUT, the file to write');
      return {
        command, model, json, ...copyOf(given), output,
        verify: given.flag('verify'), force: given.flag('force'),
      };
    }
  }
}

function helpOn(name: string | undefined): Arguments {
  const of = COMMANDS.find((command) => command === name);
  return { command: 'help', ...(of && { of }) };
}

export interface GivenOptions {
  positionals: string[];
  flag(name: OptionName): boolean;
  text(name: OptionName): string | undefined;
  texts(name: OptionName): string[];
}

function readOptions(command: CommandName, argv: string[]): GivenOptions {
  const options = optionsOf(command);
  const { tokens, positionals } = parseArgs({
    args: argv,
    options: Object.fromEntries([...options].map(([name, { type, short }]) => [name, { type, ...(short && { short }) }])),
    strict: false,
    tokens: true,
  });
  const values = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const option = options.get(token.name as OptionName);
    if (option === undefined) throw unknownOption(command, token.rawName, token.name, options);
    const value = checkedValue(option, token.rawName, token.value, token.inlineValue);
    const before = values.get(token.name) ?? [];
    if (before.length > 0 && !option.multiple) throw new UsageError(`--${token.name} is given twice`);
    values.set(token.name, [...before, value]);
  }
  return {
    positionals,
    flag: (name) => values.has(name),
    text: (name) => values.get(name)?.[0],
    texts: (name) => values.get(name) ?? [],
  };
}

function checkedValue(option: Option, name: string, value: string | undefined, inline: boolean | undefined): string {
  if (option.type === 'boolean') {
    if (value !== undefined) throw new UsageError(`${name} takes no value`);
    return '';
  }
  if (value === undefined || value === '' || (!inline && isOption(value))) {
    throw new UsageError(`${name} needs a value: ${name} ${option.value ?? ''}`);
  }
  return value;
}

/** No option is a digit: a negative number is a value, and whoever takes it says which numbers will do. */
function isOption(text: string): boolean {
  return text.startsWith('-') && !/^-\.?\d/.test(text);
}

function unknownOption(command: CommandName, rawName: string, name: string, options: Map<OptionName, Option>): UsageError {
  const nearest = INSTEAD[command]?.[name] ?? nearestName(name, options.keys());
  const hint = didYouMean(nearest && `--${nearest}`) || `: see quantscope ${command} --help`;
  return new UsageError(`${command} has no option ${rawName}${hint}`);
}

function onlyModel(command: CommandName, positionals: string[]): string {
  const [model, surplus] = positionals;
  if (model === undefined || model === '') throw new UsageError(`${command} needs a model: quantscope ${command} MODEL`);
  if (surplus !== undefined) throw new UsageError(`${command} takes one model, and "${surplus}" is a second argument`);
  return model;
}

function binsOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_BINS;
  const bins = /^\d+$/.test(text) ? Number(text) : 0;
  if (bins < 1 || bins > MAX_BINS) throw new UsageError(`--bins needs a whole number from 1 to ${MAX_BINS}, not "${text}"`);
  return bins;
}

function copyOf(given: GivenOptions): CopyArguments {
  const [selection, tuning] = [selectionOf(given), tuningOf(given)];
  requireCalibration(selection, tuning);
  return { selection, format: formatOf(given.text('format')), tuning };
}

function selectionOf(given: GivenOptions): Selection {
  const settings: PartialSettings = {};
  for (const name of SETTING_NAMES) {
    const text = given.text(name);
    if (name === 'method' && text === BEST_METHOD) continue;
    const problem = text === undefined ? null : readSettingText(settings, name, text, { path: `--${name}` });
    if (problem) throw new UsageError(problemLine(problem));
  }
  const layers = given.texts('layers');
  const best = given.text('method') === BEST_METHOD;
  if (best && settings.mode !== undefined) {
    throw new UsageError('--method best and --mode exclude each other: a mode belongs to its method');
  }
  const plan = given.text('plan');
  if (plan === undefined) {
    const conflict = checkSettings(completeSettings(settings), {});
    if (conflict) throw new UsageError(problemLine({ ...conflict, place: { path: `--${conflict.detail.setting}` } }));
    return { settings, layers, ...(best && { best }) };
  }
  const surplus = [...SETTING_NAMES, 'layers' as const].find((name) => given.text(name) !== undefined);
  if (surplus !== undefined) throw new UsageError(`--plan and --${surplus} exclude each other: the plan says it all`);
  return { plan };
}

function formatOf(text = 'exact'): CopyFormat {
  if (!isCopyFormat(text)) throw new UsageError(`--format is one of ${COPY_FORMATS.join(', ')}, not "${text}"`);
  return text;
}

function didYouMean(name: string | undefined): string {
  return name === undefined || name === '' ? '' : `. Did you mean ${name}?`;
}
