import * as v from 'valibot';
import type { Granularity, Grid, MethodId, SupportRegion } from '../core/plan/layerSettings';
import { allocationAction, allocationChoices, foundAllocation } from './allocationPage';
import { calibrationState, outputError } from './calibrationPage';
import { chartFile } from './chartFile';
import { evaluationState } from './evaluationPage';
import { channelErrors, channelRanges, layerNodes } from './layerDetails';
import { histogram, index, maybe, problem } from './messageParts';
import type { ShownRounding } from './roundingName';

/**
 * Messages between the page and the extension host. Each is parsed from `unknown` on arrival by the schemas below, so a
 * page can only say what stands here. The host owns all state: the page draws what it is told and reports gestures.
 */

const bits = v.picklist([2, 3, 4, 5, 6, 7, 8]);
const method = v.picklist([
  'uniform', 'sptq', 'msptq', 'lloyd-max', 'subset', 'apot', 'pwlq', 'n2uq',
] as const satisfies readonly MethodId[]);
const granularity = v.picklist([
  'tensor', 'channel', 'block:256', 'block:128', 'block:64', 'block:32', 'block:16',
] as const satisfies readonly Granularity[]);
const grid = v.picklist(['symmetric', 'mid-rise', 'affine'] as const satisfies readonly Grid[]);
const region = v.picklist([
  'abs-max', 'max-pos', 'abs-min', 'jayant', 'hui', 'hui-neuhoff', 'aciq', 'mse',
] as const satisfies readonly SupportRegion[]);
const rounding = v.picklist([
  'gptq', 'attention', 'attention-normal', 'reconstruction', 'calibrated',
] as const satisfies readonly Exclude<ShownRounding, 'nearest'>[]);
/** A rule, or a limit in standard deviations. */
const support = v.union([region, v.pipe(v.number(), v.gtValue(0), v.maxValue(1e6))]);

const range = v.object({ min: v.number(), max: v.number() });

/** The line above the table, known from the file's structure alone. */
const header = v.object({
  fileName: v.string(),
  producer: v.string(),
  opset: v.string(),
  layerCount: v.number(),
  parameters: v.number(),
  bytes: v.number(),
  missingFiles: v.array(v.string()),
  /** Whether they can be copied to where the model looks for them. */
  canLocate: v.boolean(),
  canQuantize: v.boolean(),
});

/** What is known of a layer before its weights are read. */
const layerRow = v.object({
  index,
  name: v.string(),
  scope: v.string(),
  op: v.string(),
  node: v.string(),
  dims: v.array(v.number()),
  dtype: v.string(),
  elements: v.number(),
  bytes: v.number(),
  /** Null when the layer can be quantized, else the reason as text. */
  reason: v.nullable(v.string()),
  /** Of what looks like a fixed transform: why it stays float unless it is chosen itself, as text. */
  fixed: v.exactOptional(v.string()),
  /** Per channel, all of it shares a codebook. */
  channelsUnknown: v.exactOptional(v.literal(true)),
  /** How weights that are quantized already are stored. */
  quantized: v.exactOptional(v.object({
    bits: v.number(),
    granularity: v.nullable(v.string()),
    scale: v.nullable(range),
    zeroPoint: v.nullable(range),
  })),
});

/** What the plan says of a layer, and what came of it so far. */
const planRow = v.object({
  index,
  state: v.picklist(['float', 'planned', 'previewed', 'cannot']),
  /** Null in float. */
  bits: v.nullable(bits),
  /** Of a layer in float: the width at which its error was tried. Method, granularity and figures are those of the trial. */
  triedBits: v.exactOptional(bits),
  method: v.nullable(v.string()),
  /** Those that the planned method takes, where it does not take all. */
  widths: v.exactOptional(v.array(bits)),
  granularity: v.nullable(v.string()),
  /** Where the method is uniform. */
  support: v.exactOptional(support),
  /** Where it is not to nearest. */
  rounding: v.exactOptional(rounding),
  /** The rounding that is planned, where a copy rounds to nearest all the same, and why. */
  uncalibrated: v.exactOptional(v.object({ rounding, reason: v.string() })),
  /** Where the planned settings leave most weights at zero. */
  ruinous: v.exactOptional(v.literal(true)),
  /** Where the plan names calibration data. */
  output: v.exactOptional(outputError),
  sqnrDb: maybe,
  predictedSqnrDb: maybe,
  mse: maybe,
  maxAbsError: maybe,
  cosine: maybe,
  bytesAfter: maybe,
  /** Why the layer stays float whatever was set, or could not be previewed: no figures then. Null otherwise. */
  note: v.nullable(v.string()),
});

/** The model's totals under the plan. */
const budget = v.object({
  bytesBefore: v.number(),
  bytesAfter: v.nullable(v.number()),
  averageBits: v.nullable(v.number()),
  /** Those that a copy quantizes: not the ones that stay float with a note. */
  plannedLayers: v.number(),
  /** Those that the model holds quantized. */
  quantizedAlready: v.number(),
  /** By the errors of weights, or of outputs once some are known. */
  worst: v.nullable(v.object({ index, name: v.string(), sqnrDb: v.number(), by: v.picklist(['weights', 'outputs']) })),
});

const fit = v.object({ location: v.number(), scale: v.number(), ks: v.number(), logLikelihood: v.number() });

const statistics = v.object({
  index,
  count: v.number(), nan: v.number(), inf: v.number(), zeros: v.number(),
  min: maybe, max: maybe, mean: maybe, std: maybe, median: maybe, meanAbsDeviation: maybe, kurtosis: maybe,
  quantiles: v.record(v.string(), maybe),
  laplace: v.nullable(fit),
  /** `location` is the mean and `scale` the standard deviation. */
  gauss: v.nullable(fit),
  histogram,
  /** The layer as it was before the file changed, and how far it moved: the two-sample Kolmogorov–Smirnov distance. */
  previous: v.nullable(v.object({ histogram, ks: v.number() })),
});

const codebook = v.object({
  index,
  levels: v.array(v.number()),
  thresholds: v.array(v.number()),
  support: v.tuple([v.number(), v.number()]),
  channel: v.nullable(v.number()),
});

/** How many weights a figure was measured on while it is only approximate; null once it is exact. */
const sampled = v.nullable(v.number());

/** What is known by now of every method at every width it takes, the layer's other settings as planned. */
const methodCurves = v.object({
  index,
  points: v.array(v.object({
    method, bits, granularity, sampled,
    /** Null where nothing is lost. */
    sqnrDb: maybe,
    predictedSqnrDb: maybe,
    /** Of the layer's outputs on calibration data, weights rounded to nearest; absent where it is not known. */
    outputSqnrDb: v.exactOptional(maybe),
    /** A copy would leave the layer as it is. */
    notSmaller: v.exactOptional(v.literal(true)),
  })),
});

const supportPoint = { limit: v.number(), sqnrDb: maybe, theorySqnrDb: maybe };

/** SQNR of the uniform quantizer with one codebook for the layer, against its support limit in standard deviations. */
const supportCurve = v.object({
  index, bits, grid, sampled,
  points: v.array(v.object(supportPoint)),
  /** Where the rules put the limit. */
  named: v.array(v.object({ region, ...supportPoint })),
  /** A limit of l clips at mean ± l·std. */
  mean: v.number(),
  std: v.number(),
});

/** Errors w − w_q of the layer as planned or tried. */
const layerErrors = v.object({ index, histogram });

const columnId = v.pipe(v.string(), v.maxLength(32));

/** How the table is laid out. Which columns there are is the page's own affair: it ignores those it does not know. */
export const tableLayout = v.object({
  /** From left to right, hidden ones included. */
  order: v.pipe(v.array(columnId), v.maxLength(64)),
  hidden: v.pipe(v.array(columnId), v.maxLength(64)),
  /** Those a person asked for: they stay where there is little room. Older layouts do not say. */
  kept: v.optional(v.pipe(v.array(columnId), v.maxLength(64)), []),
  /** In pixels, of columns that a person gave a width. */
  widths: v.record(columnId, v.pipe(v.number(), v.minValue(0), v.maxValue(10_000))),
  /** Rows stand under their module. */
  grouped: v.boolean(),
});

export const hostMessage = v.variant('type', [
  /** How a table that was never laid out in its tab is to be; before the model. */
  v.object({ type: v.literal('tableLayout'), layout: tableLayout }),
  /** A model was opened (or reopened): everything drawn before is void. */
  v.object({ type: v.literal('model'), header, layers: v.array(layerRow), plan: v.array(planRow), budget }),
  /** Some layers' plan or preview changed. */
  v.object({ type: v.literal('plan'), plan: v.array(planRow), budget }),
  v.object({ type: v.literal('statistics'), statistics }),
  /** How far layers moved when the file changed in place: two-sample Kolmogorov–Smirnov distances, as in `statistics`. */
  v.object({ type: v.literal('drift'), layers: v.array(v.object({ index, ks: v.number() })) }),
  /** Null: nothing is planned for the layer. */
  v.object({ type: v.literal('codebook'), index, codebook: v.nullable(codebook) }),
  v.object({ type: v.literal('methodCurves'), curves: methodCurves }),
  v.object({ type: v.literal('supportCurve'), curve: supportCurve }),
  v.object({ type: v.literal('layerErrors'), errors: layerErrors }),
  v.object({ type: v.literal('channelRanges'), ranges: channelRanges }),
  v.object({ type: v.literal('channelErrors'), errors: channelErrors }),
  v.object({ type: v.literal('layerNodes'), nodes: layerNodes }),
  /** What the layer's tab wanted to show could not be computed; it shows the problem instead. */
  v.object({
    type: v.literal('curveProblem'),
    index,
    of: v.picklist(['methodCurves', 'supportCurve', 'layerErrors', 'channelRanges', 'channelErrors', 'layerNodes']),
    problem,
  }),
  /** The page cannot show the model; null clears it. */
  v.object({ type: v.literal('problem'), problem: v.nullable(problem) }),
  /** The file cannot be read just now, and is read again and again; what is shown is how it was. Void with `model` or `problem`. */
  v.object({ type: v.literal('waiting'), problem }),
  /** A layer's weights could not be read; the rest of the page is fine. */
  v.object({ type: v.literal('layerProblem'), index, problem }),
  /** Null: the plan names no calibration data. */
  v.object({ type: v.literal('calibration'), calibration: v.nullable(calibrationState) }),
  /** Null: dismissed. */
  v.object({ type: v.literal('evaluation'), evaluation: v.nullable(evaluationState) }),
  /** The panel in which an allocation of bit widths is chosen, `found` for the last target; null takes it away. */
  v.object({ type: v.literal('allocation'), choices: v.nullable(allocationChoices), found: v.nullable(foundAllocation) }),
  /** Answers a target, by the choices that are shown. */
  v.object({ type: v.literal('allocationFound'), found: foundAllocation }),
  /** Layers chosen elsewhere are to be selected, `current` shown; the focus stays where it is. */
  v.object({ type: v.literal('select'), layers: v.array(index), current: index }),
  /** The answer to `ping`. */
  v.object({ type: v.literal('pong') }),
  v.object({ type: v.literal('focusFilter') }),
  /** Answered with `hasFocus` where the page has the keyboard. */
  v.object({ type: v.literal('askForFocus') }),
  /** The current row is to take the keyboard's focus. */
  v.object({ type: v.literal('focusGrid') }),
]);

export const pageMessage = v.variant('type', [
  v.object({ type: v.literal('ready') }),
  /** Whether anybody is there; a host that is answers `pong`. */
  v.object({ type: v.literal('ping') }),
  /** The rows on screen: their statistics are wanted first. */
  v.object({ type: v.literal('visible'), layers: v.pipe(v.array(index), v.maxLength(500)) }),
  /** `current` is the layer shown in the inspector. */
  v.object({ type: v.literal('select'), layers: v.array(index), current: v.nullable(index) }),
  v.object({ type: v.literal('setBits'), layers: v.pipe(v.array(index), v.minLength(1)), bits: v.union([bits, v.literal('float')]) }),
  /** The inspector's tab that is in sight: what it shows is computed only then. `perTensor` is its switch. */
  v.object({ type: v.literal('inspect'), tab: v.picklist(['distribution', 'error', 'channels', 'node']), perTensor: v.boolean() }),
  /** Settings chosen in a chart; those not named stay as planned. */
  v.object({
    type: v.literal('setSettings'),
    layers: v.pipe(v.array(index), v.minLength(1)),
    settings: v.strictObject({
      method,
      bits: v.exactOptional(bits),
      granularity: v.exactOptional(granularity),
      support: v.exactOptional(support),
    }),
  }),
  /** A button or key of the page that stands for a command of the extension. */
  v.object({
    type: v.literal('command'),
    command: v.picklist([
      'writeQuantizedCopy', 'quantizeAll', 'allocateBits', 'quantizeLayer', 'previewError', 'setCalibrationData', 'evaluateAgain',
      'locateData', 'showLog', 'reload',
    ]),
    layers: v.array(index),
  }),
  v.object({ type: v.literal('allocation'), action: allocationAction }),
  v.object({ type: v.literal('calibration'), action: v.picklist(['cancel', 'retry']) }),
  /** Lists and dialogs of VS Code ask for the keyboard again where the page took it from them. */
  v.object({ type: v.literal('pageFocus'), focused: v.boolean() }),
  /** The answer to `askForFocus`, given where it is so. */
  v.object({ type: v.literal('hasFocus') }),
  /** Single-key shortcuts apply only while the grid has the focus. */
  v.object({ type: v.literal('gridFocus'), focused: v.boolean() }),
  /** The table was laid out anew, which new editors follow; null: as it first was. */
  v.object({ type: v.literal('tableLayout'), layout: v.nullable(tableLayout) }),
  /** `name` is the chart's, from which a file's is proposed. */
  v.object({ type: v.literal('saveChart'), name: v.pipe(v.string(), v.maxLength(10_000)), file: chartFile }),
  /** A name or the like is to be put into the clipboard. */
  v.object({ type: v.literal('copyText'), text: v.pipe(v.string(), v.maxLength(100_000)) }),
  /** What moved with the last change of the file has been seen. */
  v.object({ type: v.literal('dismissDrift') }),
  /** What was found by the last evaluation has been seen. */
  v.object({ type: v.literal('dismissEvaluation') }),
  /** The page caught an error of its own. */
  v.object({ type: v.literal('pageError'), message: v.string() }),
]);

export type HostMessage = v.InferOutput<typeof hostMessage>;
export type PageMessage = v.InferOutput<typeof pageMessage>;
export type Header = v.InferOutput<typeof header>;
export type LayerRow = v.InferOutput<typeof layerRow>;
export type PlanRow = v.InferOutput<typeof planRow>;
export type TableLayout = v.InferOutput<typeof tableLayout>;
export type { CalibrationState, OutputError } from './calibrationPage';
export type { EvaluationState } from './evaluationPage';
export type Budget = v.InferOutput<typeof budget>;
export type PageStatistics = v.InferOutput<typeof statistics>;
export type PageCodebook = v.InferOutput<typeof codebook>;
export type MethodCurves = v.InferOutput<typeof methodCurves>;
export type CurvePoint = MethodCurves['points'][number];
export type PageSupportCurve = v.InferOutput<typeof supportCurve>;
export type PageChannelRanges = v.InferOutput<typeof channelRanges>;
export type PageChannelErrors = v.InferOutput<typeof channelErrors>;
export type PageNodes = v.InferOutput<typeof layerNodes>;
export type PageErrors = v.InferOutput<typeof layerErrors>;
export type Inspected = Omit<Extract<PageMessage, { type: 'inspect' }>, 'type'>;
export type ChosenSettings = Extract<PageMessage, { type: 'setSettings' }>['settings'];
export type ChartFile = v.InferOutput<typeof chartFile>;
export type PageProblem = v.InferOutput<typeof problem>;

/** The message, or null when it is none of ours. */
export function parseHostMessage(message: unknown): HostMessage | null {
  const result = v.safeParse(hostMessage, message);
  return result.success ? result.output : null;
}

export function parsePageMessage(message: unknown): PageMessage | null {
  const result = v.safeParse(pageMessage, message);
  return result.success ? result.output : null;
}
