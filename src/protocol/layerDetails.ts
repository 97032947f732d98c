import * as v from 'valibot';
import { index } from './messageParts';

/** Parts of messages that say more of one layer than its row. */

/** Of each output channel, by its number; none where the layer has no channel axis. */
export const channelRanges = v.object({ index, min: v.array(v.number()), max: v.array(v.number()), std: v.array(v.number()) });

/** Of each output channel under the layer's planned or tried settings, by its number. */
export const channelErrors = v.object({
  index,
  /** Null where it is infinite: nothing is lost, or else nothing was there. */
  sqnrDb: v.array(v.nullable(v.number())),
  lossless: v.array(v.boolean()),
  /** Of the layer's squared error; zeros where it has none. */
  shares: v.array(v.number()),
});

/** Where a layer's weight is stored, and which nodes use it. */
export const layerNodes = v.object({
  index,
  storage: v.object({
    file: v.string(),
    offset: v.number(),
    length: v.number(),
    form: v.picklist(['raw', 'typed', 'external', 'sparse']),
  }),
  /** How many nodes there are; `nodes` are the first of them. */
  consumers: v.number(),
  nodes: v.array(v.object({
    op: v.string(),
    /** `''` for ai.onnx. */
    domain: v.string(),
    name: v.string(),
    scope: v.string(),
    /** Which of its inputs takes the weight. */
    input: v.number(),
    inputs: v.array(v.string()),
    outputs: v.array(v.string()),
    attributes: v.array(v.object({ name: v.string(), value: v.string() })),
  })),
});
