import type { AllocationBasis } from '../core/allocation/allocateBits';
import type { CopyFormat } from '../core/encodings/copyFormat';
import { BIT_WIDTHS, type BitWidth } from '../core/plan/layerSettings';
import type { CalibrationData } from '../core/plan/plan';
import { DEFAULT_CODING, type AllocationTarget, type CodingMeasure } from '../protocol/allocation';
import { parseTarget } from '../protocol/allocationTarget';
import type { GivenOptions, Selection } from './arguments';
import { calibrationOf, requireCalibration } from './calibrationArguments';
import type { OptionName } from './options';
import { UsageError } from './usageError';

export interface AllocateArguments {
  command: 'allocate';
  model: string;
  json: boolean;
  selection: Selection;
  by: AllocationBasis;
  /** Over what the plan says. */
  calibration: CalibrationData | null;
  target: AllocationTarget;
  /** Of the copy whose size is looked at. */
  format: CopyFormat;
  coding: CodingMeasure;
  /** Width of the first and the last layer, where it is given. */
  ends: BitWidth | null;
  output: string;
  force: boolean;
}

const BASES: readonly AllocationBasis[] = ['sqnr', 'coding-length', 'calibrated'];

/** @throws UsageError */
export function allocateArguments(
  given: GivenOptions, model: string, { selection, format }: Pick<AllocateArguments, 'selection' | 'format'>,
): AllocateArguments {
  const output = given.text('output');
  if (output === undefined) throw new UsageError('allocate needs -o PLAN, the plan file to write');
  if ('best' in selection) throw new UsageError('allocate chooses widths for one method: --method best is for preview and quantize');
  const by = basisOf(given.text('by'));
  const target = targetOf(given);
  const calibration = calibrationOf(given);
  if (by === 'calibrated' && !calibration && !('plan' in selection)) throw nothingToMeasureOn();
  requireCalibration(selection, { ...(calibration && { calibration }) });
  if (by === 'coding-length' && 'minSqnrDb' in target) {
    throw new UsageError('coding lengths say nothing of SQNR: --min-sqnr goes with --by sqnr');
  }
  const idle = (['coding', 'distortion'] as const).find((name) => by !== 'coding-length' && given.text(name) !== undefined);
  if (idle !== undefined) throw new UsageError(`--${idle} goes with --by coding-length`);
  return {
    command: 'allocate', model, json: given.flag('json'), selection, by, calibration, target, format, output, force: given.flag('force'),
    coding: { of: codingOf(given.text('coding')), distortion: positive(given, 'distortion') ?? DEFAULT_CODING.distortion },
    ends: endsOf(given.text('ends')),
  };
}

/** Errors of outputs decide, and neither command line nor plan names inputs. */
export function nothingToMeasureOn(): UsageError {
  return new UsageError('--by calibrated measures errors of outputs: name inputs with --calibration FILE, or in the plan');
}

function basisOf(text = 'sqnr'): AllocationBasis {
  const basis = BASES.find((name) => name === text);
  if (basis === undefined) throw new UsageError(`--by is one of ${BASES.join(', ')}, not "${text}"`);
  return basis;
}

function endsOf(text: string | undefined): BitWidth | null {
  if (text === undefined) return null;
  const bits = BIT_WIDTHS.find((width) => String(width) === text);
  if (bits === undefined) throw new UsageError(`--ends is a bit width from 2 to 8, not "${text}"`);
  return bits;
}

function codingOf(text = 'per-weight'): CodingMeasure['of'] {
  if (text !== 'per-weight' && text !== 'total') throw new UsageError(`--coding is per-weight or total, not "${text}"`);
  return text === 'total' ? 'layer' : 'weight';
}

function targetOf(given: GivenOptions): AllocationTarget {
  const averageBits = positive(given, 'average-bits');
  const size = sizeOf(given.text('max-bytes'));
  const minSqnrDb = positive(given, 'min-sqnr');
  const targets = [
    averageBits === undefined ? null : { averageBits },
    size,
    minSqnrDb === undefined ? null : { minSqnrDb },
  ].filter((target) => target !== null);
  const [target, surplus] = targets;
  if (surplus !== undefined) throw new UsageError('--average-bits, --max-bytes and --min-sqnr exclude each other');
  if (target === undefined) throw new UsageError('allocate needs one of --average-bits X, --max-bytes SIZE and --min-sqnr DB');
  return target;
}

/** @throws UsageError */
function sizeOf(text: string | undefined): AllocationTarget | null {
  if (text === undefined) return null;
  const target = parseTarget('maxBytes', text);
  if (!target) throw new UsageError(`--max-bytes needs a size such as 300KB or 1.2MB, or a share of the model's such as 25%, not "${text}"`);
  return target;
}

function positive(given: GivenOptions, name: OptionName): number | undefined {
  const text = given.text(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new UsageError(`--${name} needs a number above 0, not "${text}"`);
  return value;
}
