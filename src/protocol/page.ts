import * as v from 'valibot';

/**
 * Messages between the page and the extension host. Each is parsed from `unknown` on arrival by the schemas below, so a
 * page can only say what stands here. The host owns all state: the page draws what it is told and reports gestures.
 */

const index = v.pipe(v.number(), v.integer(), v.minValue(0));
const bits = v.picklist([2, 3, 4, 5, 6, 7, 8]);
/** JSON-safe: numbers that are not finite travel as null. */
const maybe = v.nullable(v.number());

/** The line above the table, known from the file's structure alone. */
const header = v.object({
  fileName: v.string(),
  producer: v.string(),
  opset: v.string(),
  layerCount: v.number(),
  parameters: v.number(),
  bytes: v.number(),
  missingFiles: v.array(v.string()),
  canWrite: v.boolean(),
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
  granularity: v.nullable(v.string()),
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
  worst: v.nullable(v.object({ index, name: v.string(), sqnrDb: v.number() })),
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
  histogram: v.object({ min: maybe, max: maybe, counts: v.array(v.number()) }),
});

const codebook = v.object({
  index,
  levels: v.array(v.number()),
  thresholds: v.array(v.number()),
  support: v.tuple([v.number(), v.number()]),
  channel: v.nullable(v.number()),
});

const problem = v.object({
  title: v.string(),
  /** What to do about it. */
  remedy: v.string(),
  detail: v.string(),
});

export const hostMessage = v.variant('type', [
  /** A model was opened (or reopened): everything drawn before is void. */
  v.object({ type: v.literal('model'), header, layers: v.array(layerRow), plan: v.array(planRow), budget }),
  /** Some layers' plan or preview changed. */
  v.object({ type: v.literal('plan'), plan: v.array(planRow), budget }),
  v.object({ type: v.literal('statistics'), statistics }),
  /** Null: nothing is planned for the layer. */
  v.object({ type: v.literal('codebook'), index, codebook: v.nullable(codebook) }),
  /** The page cannot show the model; null clears it. */
  v.object({ type: v.literal('problem'), problem: v.nullable(problem) }),
  /** A layer's weights could not be read; the rest of the page is fine. */
  v.object({ type: v.literal('layerProblem'), index, problem }),
  v.object({ type: v.literal('focusFilter') }),
  /** The current row is to take the keyboard's focus. */
  v.object({ type: v.literal('focusGrid') }),
]);

export const pageMessage = v.variant('type', [
  v.object({ type: v.literal('ready') }),
  /** The rows on screen: their statistics are wanted first. */
  v.object({ type: v.literal('visible'), layers: v.pipe(v.array(index), v.maxLength(500)) }),
  /** `current` is the layer shown in the inspector. */
  v.object({ type: v.literal('select'), layers: v.array(index), current: v.nullable(index) }),
  v.object({ type: v.literal('setBits'), layers: v.pipe(v.array(index), v.minLength(1)), bits: v.union([bits, v.literal('float')]) }),
  /** A button or key of the page that stands for a command of the extension. */
  v.object({
    type: v.literal('command'),
    command: v.picklist(['writeQuantizedCopy', 'quantizeAll', 'quantizeLayer', 'previewError', 'showLog', 'reload']),
    layers: v.array(index),
  }),
  /** Single-key shortcuts apply only while the grid has the focus. */
  v.object({ type: v.literal('gridFocus'), focused: v.boolean() }),
  /** The page caught an error of its own. */
  v.object({ type: v.literal('pageError'), message: v.string() }),
]);

export type HostMessage = v.InferOutput<typeof hostMessage>;
export type PageMessage = v.InferOutput<typeof pageMessage>;
export type Header = v.InferOutput<typeof header>;
export type LayerRow = v.InferOutput<typeof layerRow>;
export type PlanRow = v.InferOutput<typeof planRow>;
export type Budget = v.InferOutput<typeof budget>;
export type PageStatistics = v.InferOutput<typeof statistics>;
export type PageCodebook = v.InferOutput<typeof codebook>;
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
