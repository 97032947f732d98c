import { LAYOUTS, type ImageLayout } from '../core/plan/plan';
import { plainNumber } from '../core/plan/readSettings';
import type { InputOptions, OutputInputs } from '../protocol/outputComparison';
import type { GivenOptions } from './arguments';
import { UsageError } from './usageError';

export interface CompareArguments {
  command: 'compare';
  a: string;
  b: string;
  json: boolean;
  tolerance: number;
  inputs: OutputInputs;
  /** Leave out what is equal. */
  changes: boolean;
}

/** @throws UsageError */
export function compareArguments(given: GivenOptions): CompareArguments {
  const [a = '', b = '', surplus] = given.positionals;
  if (a === '' || b === '') throw new UsageError('compare needs two models: quantscope compare A B');
  if (surplus !== undefined) throw new UsageError(`compare takes two models, and "${surplus}" is a third argument`);
  return {
    command: 'compare', a, b, json: given.flag('json'), changes: given.flag('changes'),
    tolerance: toleranceOf(given.text('tolerance')), inputs: inputsOf(given),
  };
}

function toleranceOf(text: string | undefined): number {
  if (text === undefined) return 0;
  const tolerance = plainNumber(text);
  if (tolerance === null) throw new UsageError(`--tolerance needs a number from 0 on, such as 1e-6, not "${text}"`);
  return tolerance;
}

/** The input file and how it is to be read. @throws UsageError */
export function inputsOf(given: GivenOptions): OutputInputs {
  const file = given.text('inputs');
  const reading = readingOf(given, 'inputs');
  return file === undefined ? {} : { file, ...reading };
}

/**
 * How input files are read: inputs and calibration data alike, where a command takes both.
 * @param file the option that is missing when there is nothing to read
 * @throws UsageError
 */
export function readingOf(given: GivenOptions, file: 'inputs' | 'calibration'): InputOptions {
  const [scale, layout] = [given.text('input-scale'), given.text('layout')];
  const surplus = (['input-scale', 'layout'] as const).find((name) => given.flag(name));
  if (surplus !== undefined && !given.flag('inputs') && !given.flag('calibration')) {
    throw new UsageError(`--${surplus} says how --${file} is read, which is not given`);
  }
  return {
    ...(scale !== undefined && { scale: scaleOf(scale) }),
    ...(layout !== undefined && { layout: layoutOf(layout) }),
  };
}

/** A number, or a fraction such as `1/255`. */
function scaleOf(text: string): number {
  const [numerator = '', denominator = '1'] = text.split('/', 2);
  const [top, bottom] = [plainNumber(numerator), plainNumber(denominator)];
  if (!top || !bottom) throw new UsageError(`--input-scale needs a number or a fraction above 0, such as 1/255, not "${text}"`);
  return top / bottom;
}

function layoutOf(text: string): ImageLayout {
  const layout = LAYOUTS.find((name) => name === text);
  if (layout === undefined) throw new UsageError(`--layout is ${LAYOUTS.join(' or ')}, not "${text}"`);
  return layout;
}
