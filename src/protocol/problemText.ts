import * as l10n from '@vscode/l10n';
import type { SkipReason } from '../core/encodings/copySize';
import type { Place, Problem, ProblemCode } from '../core/errors';
import type { PlanFault } from '../core/plan/planJson';
import type { UncorrectedReason } from '../core/tuning/layerBias';
import { formatBytes } from './byteSize';
import type { MissingInputs } from './coreService';

/**
 * A problem in words: one sentence, what to do about it in the editor (`''` when there is nothing to do), and where it lies. What else
 * there is to do in the command line: `src/cli/problemLine.ts`.
 */
export interface ProblemText {
  title: string;
  remedy: string;
  detail: string;
}

type Detail = Problem['detail'];
type Text = (place: Place, detail: Detail) => { title: string; remedy: string };

/** The problem in words. */
export function problemText(problem: Problem): ProblemText {
  return { ...TEXTS[problem.code](problem.place, problem.detail), detail: placeText(problem.place) };
}

/** The problem in one line: sentence, place and remedy. */
export function problemLine(problem: Problem): string {
  return textLine(problemText(problem));
}

/** Sentence, place and remedy in one line. */
export function textLine({ title, remedy, detail }: ProblemText): string {
  const where = detail === '' ? '' : ` (${detail})`;
  return [`${title}${where}.`, ended(remedy)].join(' ').replace(/\s+/g, ' ').trim();
}

/** The problem as the log has it: in one line, and of an unexpected error the stack. */
export function problemLog(problem: Problem): string {
  const { stack } = problem.detail;
  return stack === undefined ? problemLine(problem) : `${problemLine(problem)}\n${stack}`;
}

/** Why a layer is left as it is. */
export function skipReasonText(reason: SkipReason): string {
  return SKIP_REASONS[reason]();
}

/** Why one codebook is for all of a layer that is to be quantized per channel. */
export function channelsUnknownText(): string {
  return l10n.t('its output channels are not known');
}

/** Why a layer's inputs cannot be captured. */
export function uncalibratedText(reason: MissingInputs): string {
  return UNCALIBRATED[reason]();
}

/** Why a layer's bias is not corrected. */
export function uncorrectedText(reason: UncorrectedReason): string {
  return UNCORRECTED[reason]();
}

/** A remedy as a sentence of its own. */
function ended(text: string): string {
  return text === '' || text.endsWith('?') ? text : `${text}.`;
}

function placeText(place: Place): string {
  return [
    place.file,
    place.path,
    place.tensor === undefined ? undefined : l10n.t('tensor {0}', place.tensor),
    place.node === undefined ? undefined : l10n.t('node {0}', place.node),
    place.offset === undefined ? undefined : l10n.t('at byte {0}', place.offset),
  ].filter((part) => part !== undefined).join(', ');
}

const TEXTS: Record<ProblemCode, Text> = {
  'file-not-found': () => ({
    title: l10n.t('There is no such file'),
    remedy: l10n.t('Check the path'),
  }),
  'file-unreadable': (_, detail) => ({
    title: withCause(l10n.t('The file cannot be read'), detail),
    remedy: l10n.t('Check that it is a file and that you may read it'),
  }),
  'file-changed': () => ({
    title: l10n.t('The file changed while it was being read'),
    remedy: l10n.t('Try again once it has been written completely'),
  }),
  'empty-file': () => ({
    title: l10n.t('The file is empty'),
    remedy: l10n.t('Export or download the model again'),
  }),
  'lfs-pointer': () => ({
    title: l10n.t('This is a Git LFS pointer, not the model itself'),
    remedy: l10n.t('Run "git lfs pull" to fetch the model'),
  }),
  'ort-format': () => ({
    title: l10n.t('This is a model in ONNX Runtime\'s own ORT format'),
    remedy: l10n.t('Use the .onnx file it was converted from'),
  }),
  'html-page': () => ({
    title: l10n.t('This is an HTML page, not a model'),
    remedy: l10n.t('The download probably ended on an error page: download the file itself'),
  }),
  'not-onnx': () => ({
    title: l10n.t('This is not an ONNX model'),
    remedy: l10n.t('Choose a file in ONNX format'),
  }),
  truncated: (_, detail) => ({
    title: withCause(l10n.t('The file ends before the model does'), detail),
    remedy: l10n.t('Copy or download it again completely'),
  }),
  malformed: (_, detail) => ({
    title: withCause(l10n.t('The model file is damaged'), detail),
    remedy: l10n.t('Export or download the model again'),
  }),
  'limit-exceeded': (_, detail) => ({
    title: withCause(l10n.t('The model is beyond what can be read safely'), detail),
    remedy: l10n.t('Check that the file is a genuine model'),
  }),
  'external-missing': () => ({
    title: l10n.t('A file with external data is missing'),
    remedy: l10n.t('Put it beside the model, under the name the model gives'),
  }),
  'external-escapes': () => ({
    title: l10n.t('The model refers to external data outside its own folder'),
    remedy: l10n.t('Save the model again with its external data beside it'),
  }),
  'external-too-short': (_, detail) => ({
    title: withCause(l10n.t('A file with external data is shorter than the model says'), detail),
    remedy: l10n.t('Copy or download the external data again completely'),
  }),
  'data-too-short': (_, detail) => ({
    title: l10n.t('The file is too short: what the model keeps in it takes {0} bytes, and it has {1}', of(detail, 'expected'), of(detail, 'actual')),
    remedy: l10n.t('Choose the file that was written with this model, or copy or download it again completely'),
  }),
  'data-is-model': () => ({
    title: l10n.t('This is the model itself, not its external data'),
    remedy: l10n.t('Choose the other file that was written with it'),
  }),
  'data-place-hidden': (_, detail) => ({
    title: l10n.t('The model looks for external data under a hidden name: {0}', of(detail, 'location')),
    remedy: l10n.t('Systems and programs keep what they run under such names: if you trust the model, put the file there yourself'),
  }),
  'data-place-taken': () => ({
    title: l10n.t('There is something in the place of the external data already'),
    remedy: l10n.t('Reload the model; if the data is still missing, a link that leads nowhere has its name: remove that first'),
  }),
  'no-such-layer': (_, detail) => ({
    title: l10n.t('The model has no layer named "{0}"', of(detail, 'name')),
    remedy: didYouMean(detail),
  }),
  'setting-invalid': (_, detail) => settingText(detail),
  'plan-invalid': (_, detail) => planText(detail),
  'not-quantizable': (_, detail) => ({
    title: isSkipReason(detail.reason)
      ? l10n.t('The layer cannot be quantized: {0}', skipReasonText(detail.reason))
      : l10n.t('The layer cannot be quantized'),
    remedy: l10n.t('Leave it in float'),
  }),
  'nothing-to-quantize': (_, detail) => ({
    title: withReasons(l10n.t('No layer of the model would be quantized'), detail),
    remedy: Object.keys(detail).length > 0
      ? l10n.t('The preview tells the reasons layer by layer')
      : l10n.t('It has none: no constant is a weight, of two or more dimensions, of an operator such as Conv, Gemm, MatMul or LSTM'),
  }),
  'allocation-impossible': (_, detail) => (detail.wanted === 'sqnr' ? {
    title: l10n.t('No bit width of any layer reaches that SQNR'),
    remedy: l10n.t('The most is {0} dB', Number(detail.sqnrDb).toFixed(1)),
  } : {
    title: detail.wanted === 'bytes'
      ? l10n.t('No choice of bit widths makes a copy that small')
      : l10n.t('No choice of bit widths brings the average that low'),
    remedy: leastText(detail),
  }),
  'no-numpy-type': (_, detail) => ({
    title: l10n.t('NumPy has no data type for {0}', of(detail, 'dtype')),
    remedy: l10n.t('Save a layer of another data type'),
  }),
  'target-is-source': () => ({
    title: l10n.t('This would overwrite the model or its weights'),
    remedy: l10n.t('Choose another name'),
  }),
  'target-exists': () => ({
    title: l10n.t('There is a file of that name already'),
    remedy: l10n.t('Choose another name'),
  }),
  'target-is-folder': () => ({
    title: l10n.t('There is a folder of that name'),
    remedy: l10n.t('Name a file in it, or choose another name'),
  }),
  'target-is-no-file': () => ({
    title: l10n.t('What has that name is a device or a pipe'),
    remedy: l10n.t('Choose another name for the copy'),
  }),
  'folder-not-found': (_, detail) => ({
    title: l10n.t('There is no folder {0}', of(detail, 'folder')),
    remedy: l10n.t('Create it, or choose another'),
  }),
  'write-failed': (_, detail) => ({
    title: withCause(l10n.t('The copy could not be written'), detail),
    remedy: l10n.t('Check the folder, its permissions and the free space; nothing was left behind'),
  }),
  'verification-failed': ({ tensor }, detail) => ({
    title: tensor === undefined
      ? withCause(l10n.t('ONNX Runtime does not run the copy, though it runs the model'), detail)
      : withCause(l10n.t('ONNX Runtime reads other weights from the copy than were meant'), detail),
    remedy: l10n.t('The copy was removed; please report this'),
  }),
  'runtime-failed': (_, detail) => ({
    title: withCause(l10n.t('ONNX Runtime could not run'), detail),
    remedy: l10n.t('The copy was removed; write it without verification, or reinstall ONNX Runtime'),
  }),
  'model-does-not-run': (_, detail) => ({
    title: withCause(l10n.t('ONNX Runtime could not run the model'), detail),
    remedy: l10n.t('Check that it takes these inputs and has no operators of its own'),
  }),
  'inputs-invalid': (_, detail) => ({
    title: withCause(l10n.t('The input file cannot be used'), detail),
    remedy: detail.layouts === undefined
      ? l10n.t('Give a .npy, .npz or IDX file whose arrays fit the model\'s inputs')
      : l10n.t('Choose it in Evaluate… or Set Calibration Data…, which ask how its images lie'),
  }),
  'labels-invalid': (_, detail) => ({
    title: withCause(l10n.t('The labels cannot be used'), detail),
    remedy: l10n.t('Give a .npy, .npz or IDX file of one whole number for each sample: its class, from 0 on'),
  }),
  'calibration-missing': (_, detail) => ({
    title: uncalibratedTitle(detail),
    remedy: l10n.t('Name a file of inputs by Set Calibration Data…'),
  }),
  'calibration-impossible': (_, detail) => ({
    title: withCause(l10n.t('The model cannot be calibrated'), detail),
    remedy: l10n.t('Round to nearest, or calibrate a smaller model'),
  }),
  cancelled: () => ({
    title: l10n.t('Cancelled'),
    remedy: '',
  }),
  internal: (_, detail) => ({
    title: withCause(l10n.t('Something unexpected went wrong inside Quantscope'), detail),
    remedy: l10n.t('Try again; if it persists, report it with the log'),
  }),
};

const PLAN_FAULTS: Record<PlanFault, (detail: Detail) => { title: string; remedy: string }> = {
  'not-json': (detail) => ({
    title: withCause(l10n.t('The plan is not valid JSON'), detail),
    remedy: l10n.t('Correct its syntax'),
  }),
  'not-an-object': () => ({
    title: l10n.t('A JSON object is expected here'),
    remedy: l10n.t('Write it as { … }'),
  }),
  version: (detail) => ({
    title: detail.value === undefined ? l10n.t('The plan does not say its version') : l10n.t('Plan version {0} is not known', of(detail, 'value')),
    remedy: l10n.t('Write "version": 1'),
  }),
  'model-name': () => ({
    title: l10n.t('The plan does not name its model'),
    remedy: l10n.t('Write "model": "<file name>"'),
  }),
  'not-an-entry': (detail) => ({
    title: l10n.t('{0} says nothing about a layer', of(detail, 'value')),
    remedy: l10n.t('Write "float" or an object of settings'),
  }),
  'unknown-key': (detail) => ({
    title: l10n.t('"{0}" is not a key of a plan', of(detail, 'key')),
    remedy: didYouMean(detail) || l10n.t('Use one of: {0}', of(detail, 'expected')),
  }),
};

const SKIP_REASONS: Record<SkipReason, () => string> = {
  'already-quantized': () => l10n.t('its weights are quantized already'),
  'dtype-not-supported': () => l10n.t('its data type is not supported'),
  'not-a-weight': () => l10n.t('it looks like a fixed transform, not a learned weight, and is quantized only when chosen itself'),
  'external-missing': () => l10n.t('its external data is missing'),
  empty: () => l10n.t('it has no elements'),
  'opset-too-old': () => l10n.t('the model\'s opset is too old'),
  'float-in-plan': () => l10n.t('it is kept in float'),
  'not-smaller': () => l10n.t('it would not get smaller'),
  'not-finite': () => l10n.t('it contains NaN or infinite weights'),
  'too-large': () => l10n.t('it contains weights too large for the levels of a copy'),
  'too-small': () => l10n.t('its weights are too small for the levels of a copy'),
  constant: () => l10n.t('all its weights are equal'),
};

const UNCALIBRATED: Record<MissingInputs, () => string> = {
  'not-in-main-graph': () => l10n.t('it stands in a subgraph or function, where inputs are not captured'),
  'operator-not-calibrated': () => l10n.t('inputs are captured of Conv that reads the weight itself, and of MatMul and Gemm with a matrix on the right'),
  'too-many-inputs': () => l10n.t('its inputs are too many for their second moments'),
  'in-blocks': () => l10n.t('its inputs are too many to be known but in blocks, which tell nothing of whole outputs'),
  'beyond-memory': () => l10n.t('what is kept of all layers\' inputs takes 256 MB already'),
};

const UNCORRECTED: Record<UncorrectedReason, () => string> = {
  ...UNCALIBRATED,
  'weight-used-again': () => l10n.t('several nodes multiply by its weight'),
  'bias-missing': () => l10n.t('it has no bias, and its node can take none'),
  'bias-used-again': () => l10n.t('something else uses its bias, too'),
  'bias-not-constant': () => l10n.t('its bias is not a constant of floats that can be read'),
  'bias-not-by-channel': () => l10n.t('its bias is not one number a channel, or is scaled'),
};

function settingText(detail: Detail): { title: string; remedy: string } {
  const value = of(detail, 'value');
  if (detail.reason === 'a-search') {
    return {
      title: l10n.t('"{0}" is a search, which a plan cannot hold', value),
      remedy: l10n.t('Use the command Use Best Method'),
    };
  }
  return {
    title: settingTitle(detail),
    remedy: detail.reason === 'quoted'
      ? l10n.t('Write {0} without quotes', value)
      : didYouMean(detail) || settingRemedy(detail),
  };
}

/** What forbids a value, where it is legal elsewhere: a mode that decides, else the method. */
function settingTitle(detail: Detail): string {
  const [value, setting] = [of(detail, 'value'), of(detail, 'setting')];
  if (detail.mode !== undefined) return l10n.t('"{0}" is not a choice for {1} with mode {2}', value, setting, detail.mode);
  if (detail.method !== undefined) return l10n.t('"{0}" is not a choice for {1} with method {2}', value, setting, detail.method);
  return l10n.t('"{0}" is not a choice for {1}', value, setting);
}

/** Of an allocation, and what keeps it from less. */
function leastText(detail: Detail): string {
  const least = [formatBytes(Number(detail.bytes)), of(detail, 'bytes'), Number(detail.averageBits).toFixed(2)] as const;
  return Number(detail.others) > 0
    ? l10n.t('The least is {0} ({1} bytes), {2} bits on average, with {3} layers in float that the plan leaves out', ...least, Number(detail.others))
    : l10n.t('The least is {0} ({1} bytes), {2} bits on average', ...least);
}

/** Without a setting it is the correction of biases that needs data. */
function uncalibratedTitle({ setting, value }: Detail): string {
  if (setting === 'mode') return l10n.t('The mode "{0}" of a layer needs calibration data', value ?? '?');
  if (setting === 'rounding') return l10n.t('The rounding "{0}" of a layer needs calibration data', value ?? '?');
  return l10n.t('Correcting biases needs calibration data');
}

function settingRemedy(detail: Detail): string {
  const [expected, largest] = [of(detail, 'expected'), detail.largest];
  if (expected === '') return l10n.t('Leave it out');
  return largest !== undefined
    ? l10n.t('Choose one of: {0}, or a number of standard deviations above 0, at most {1}', expected, largest)
    : l10n.t('Choose one of: {0}', expected);
}

function planText(detail: Detail): { title: string; remedy: string } {
  const { reason } = detail;
  if (typeof reason === 'string' && Object.hasOwn(PLAN_FAULTS, reason)) return PLAN_FAULTS[reason as PlanFault](detail);
  return { title: withCause(l10n.t('The plan cannot be used'), detail), remedy: '' };
}

/** @param detail how many layers are left as they are for each reason */
function withReasons(title: string, detail: Detail): string {
  const counts = Object.entries(detail).flatMap(([reason, count]) => (isSkipReason(reason) ? [{ reason, count: Number(count) }] : []));
  if (counts.length === 0) return title;
  const all = counts.reduce((sum, { count }) => sum + count, 0);
  const reasons = counts
    .sort((a, b) => b.count - a.count)
    .map(({ reason, count }) => l10n.t('{0} of {1}: {2}', count, all, skipReasonText(reason)));
  return `${title} (${reasons.join('; ')})`;
}

function isSkipReason(reason: unknown): reason is SkipReason {
  return typeof reason === 'string' && Object.hasOwn(SKIP_REASONS, reason);
}

function didYouMean(detail: Detail): string {
  return detail.suggestion === undefined ? '' : l10n.t('Did you mean "{0}"?', detail.suggestion);
}

/** The sentence with what the core or the system said about it, and with the numbers that do not match. */
function withCause(title: string, detail: Detail): string {
  const { expected, actual, limit } = detail;
  const cause = detail.message ?? detail.what ?? detail.system ?? detail.reason ?? detail.missing;
  // ONNX Runtime's own words may be a sentence.
  const said = cause === undefined ? title : `${title}: ${String(cause).replace(/[.\s]+$/, '')}`;
  if (limit !== undefined) return l10n.t('{0} (limit {1})', said, limit);
  if (expected === undefined || actual === undefined) return said;
  return l10n.t('{0} ({1} expected, {2} found)', said, expected, actual);
}

function of(detail: Detail, name: string): string | number {
  return detail[name] ?? '?';
}
