import * as v from 'valibot';
import { problem } from './messageParts';

/** What the page is told of calibration: how far it is, and the error of a layer's outputs. */

/** The calibration data that the plan names, and what came of running the network on it. */
export const calibrationState = v.object({
  file: v.string(),
  progress: v.variant('state', [
    v.object({ state: v.literal('running'), fraction: v.number() }),
    /** It is known what so many of the layers that can be quantized are multiplied by. `reading` is a `readingText`. */
    v.object({ state: v.literal('done'), reading: v.string(), captured: v.number(), layers: v.number() }),
    v.object({ state: v.literal('cancelled') }),
    v.object({ state: v.literal('failed'), problem }),
  ]),
});

/** Of a layer's outputs on calibration data, the other layers in float. */
export const outputError = v.variant('state', [
  /** Null: outputs are the same as in float. */
  v.object({
    state: v.literal('measured'), sqnrDb: v.nullable(v.number()),
    /** As in `LayerPreview`. */
    fewPositions: v.exactOptional(v.object({ positions: v.number(), inputs: v.number() })),
  }),
  /** How far rounding by them is, where that takes long enough to tell. */
  v.object({ state: v.literal('pending'), fraction: v.exactOptional(v.number()) }),
  v.object({ state: v.literal('unknown'), reason: v.string() }),
]);

export type CalibrationState = v.InferOutput<typeof calibrationState>;
export type OutputError = v.InferOutput<typeof outputError>;
