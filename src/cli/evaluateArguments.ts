import type { CopyFormat } from '../core/encodings/copyFormat';
import type { Tuning } from '../core/plan/plan';
import { SETTING_NAMES } from '../core/plan/readSettings';
import type { EvaluationInputs } from '../protocol/evaluation';
import type { GivenOptions, Selection } from './arguments';
import { inputsOf } from './compareArguments';
import { countOf } from './calibrationArguments';
import type { OptionName } from './options';
import { UsageError } from './usageError';

/** How a copy is made of a model. */
export interface CopyArguments {
  selection: Selection;
  format: CopyFormat;
  tuning: Tuning;
}

export interface EvaluateArguments {
  command: 'evaluate';
  model: string;
  json: boolean;
  inputs: EvaluationInputs;
  reference: string | null;
  /** Evaluate a copy in the model's place. */
  copy: CopyArguments | null;
}

/** Options that ask for a copy. */
const OF_COPIES: readonly OptionName[] = [
  ...SETTING_NAMES, 'layers', 'plan', 'format', 'calibration', 'calibration-samples', 'bias-correction', 'equalize',
];

/** @param copyOf reads the options of a copy @throws UsageError */
export function evaluateArguments(given: GivenOptions, model: string, copyOf: () => CopyArguments): EvaluateArguments {
  const reference = given.text('reference') ?? null;
  const ofCopy = OF_COPIES.find((name) => given.flag(name));
  if (reference !== null && ofCopy !== undefined) {
    throw new UsageError(`--reference and --${ofCopy} exclude each other: a copy is held against its own model`);
  }
  return {
    command: 'evaluate', model, json: given.flag('json'), reference, inputs: evaluationInputsOf(given),
    copy: ofCopy === undefined ? null : copyOf(),
  };
}

function evaluationInputsOf(given: GivenOptions): EvaluationInputs {
  const [labels, samples] = [given.text('labels'), given.text('samples')];
  const surplus = (['labels', 'samples'] as const).find((name) => given.text(name) !== undefined);
  if (given.text('inputs') === undefined && surplus !== undefined) {
    throw new UsageError(`--${surplus} goes with --inputs, which is not given`);
  }
  return {
    ...inputsOf(given),
    ...(labels !== undefined && { labels }),
    ...(samples !== undefined && { samples: countOf('samples', samples) }),
  };
}
