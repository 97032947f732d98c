import * as v from 'valibot';
import { index, maybe, problem } from './messageParts';

/** Messages between the page that compares two models and the extension host, parsed on arrival as those of `page.ts`. */

const side = v.picklist(['a', 'b']);

/** A model by its place, known before it is read. */
const model = v.object({ uri: v.string(), fileName: v.string(), folder: v.string() });

const totals = v.object({ bytes: v.number(), layers: v.number(), parameters: v.number() });

const comparedLayer = v.object({
  name: v.string(),
  scope: v.string(),
  op: v.string(),
  dims: v.array(v.number()),
  dtype: v.string(),
  /** Null in float. */
  bits: maybe,
  elements: v.number(),
  bytes: v.number(),
});

const state = v.picklist(['equal', 'changed', 'not-compared', 'only-a', 'only-b']);

const compareRow = v.object({
  index,
  state,
  a: v.nullable(comparedLayer),
  b: v.nullable(comparedLayer),
  matchedBy: v.nullable(v.picklist(['name', 'consumer', 'order'])),
  /** In dB; null where weights were not compared and where it is infinite: beside a cosine of 1 nothing is lost, of 0 nothing was there. */
  sqnrDb: maybe,
  maxAbsDifference: maybe,
  cosine: maybe,
  /** Weights that differ by more than the tolerance, of how many. */
  beyond: maybe,
  /** Pairs that are not both finite and not the same. */
  unlike: maybe,
  identical: v.nullable(v.boolean()),
  /** Why weights were not compared; `''` when they were, or when one model lacks the layer. */
  note: v.string(),
});

const summary = v.object({
  a: totals,
  b: totals,
  states: v.record(state, v.number()),
  /** Over all compared weights; null as in a row. */
  sqnrDb: maybe,
  cosine: maybe,
  identical: v.nullable(v.boolean()),
});

const compareHostMessage = v.variant('type', [
  /** What is being compared; sent first, and again when the tolerance changes or a file does. */
  v.object({ type: v.literal('models'), a: model, b: model, tolerance: v.number() }),
  /** How far the comparison is, from 0 to 1; null when nothing is going on. */
  v.object({ type: v.literal('progress'), fraction: maybe }),
  v.object({ type: v.literal('comparison'), summary, rows: v.array(compareRow) }),
  v.object({ type: v.literal('problem'), problem }),
  /** The answer to `ping`. */
  v.object({ type: v.literal('pong') }),
]);

const comparePageMessage = v.variant('type', [
  v.object({ type: v.literal('ready') }),
  /** Whether anybody is there; a host that is answers `pong`. */
  v.object({ type: v.literal('ping') }),
  v.object({ type: v.literal('tolerance'), tolerance: v.pipe(v.number(), v.finite(), v.minValue(0)) }),
  /** Opens one of the models, at a row's layer where one is given. */
  v.object({ type: v.literal('open'), side, row: v.nullable(index) }),
  v.object({ type: v.literal('command'), command: v.picklist(['reload', 'swap', 'showLog']) }),
  /** The page caught an error of its own. */
  v.object({ type: v.literal('pageError'), message: v.string() }),
]);

export type CompareHostMessage = v.InferOutput<typeof compareHostMessage>;
export type ComparePageMessage = v.InferOutput<typeof comparePageMessage>;
export type CompareSide = v.InferOutput<typeof side>;
export type CompareRow = v.InferOutput<typeof compareRow>;
export type CompareRowLayer = v.InferOutput<typeof comparedLayer>;
export type CompareSummary = v.InferOutput<typeof summary>;
export type CompareModel = v.InferOutput<typeof model>;
export type CompareProblem = v.InferOutput<typeof problem>;

/** The message, or null when it is none of ours. */
export function parseCompareHostMessage(message: unknown): CompareHostMessage | null {
  const result = v.safeParse(compareHostMessage, message);
  return result.success ? result.output : null;
}

export function parseComparePageMessage(message: unknown): ComparePageMessage | null {
  const result = v.safeParse(comparePageMessage, message);
  return result.success ? result.output : null;
}
