import * as v from 'valibot';
import type { MeasuredError } from './allocation';
import { index, maybe } from './messageParts';

/** Messages about the panel in which a person chooses among allocations of bit widths; parts of those of `page.ts`. */

const width = v.picklist([2, 3, 4, 5, 6, 7, 8, 'float']);

/** One choice of widths, and what it comes to. */
const point = v.object({
  /** The host knows the choice by it. */
  id: index,
  averageBits: v.number(),
  /** The copy on disk. */
  bytes: v.number(),
  /** Sum over layers of Σ(w − w_q)² / Σw², or of the same of outputs, in dB; null where nothing is lost. */
  noiseDb: maybe,
  /** The quantized layer of least SQNR. */
  worst: v.nullable(v.object({ name: v.string(), sqnrDb: v.number() })),
  /** How many layers have which width, by rising width; those that none has are left out. */
  widths: v.array(v.object({ bits: width, layers: v.number() })),
});

const curve = v.object({
  optimal: v.array(point),
  /** Null until coding lengths are asked for. */
  codingLength: v.nullable(v.array(point)),
});

/** All there is to choose from. */
export const allocationChoices = v.object({
  /** What errors are of: weights, or outputs on calibration data. */
  by: v.picklist(['sqnr', 'calibrated'] as const satisfies readonly MeasuredError[]),
  /** How many layers get a width. */
  layers: v.number(),
  /** The first and the last layer of the model, and whether they keep eight bits. */
  ends: v.object({ names: v.array(v.string()), fixed: v.boolean() }),
  /** In bits on average, and in bytes on disk. */
  weightBits: curve,
  bytes: curve,
  equal: v.array(point),
});

/** The choice that reaches a target, or why there is none. */
export const foundAllocation = v.union([v.object({ point }), v.object({ problem: v.string() })]);

const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));

export const allocationAction = v.variant('kind', [
  /** Whether the first and the last layer keep eight bits. */
  v.object({ kind: v.literal('ends'), fixed: v.boolean() }),
  v.object({ kind: v.literal('codingLengths') }),
  v.object({
    kind: v.literal('find'),
    target: v.union([
      v.strictObject({ averageBits: positive }), v.strictObject({ maxBytes: positive }), v.strictObject({ maxShare: positive }),
      v.strictObject({ minSqnrDb: positive }),
    ]),
  }),
  v.object({ kind: v.literal('apply'), point: index }),
  v.object({ kind: v.literal('close') }),
]);

export type AllocationChoice = v.InferOutput<typeof point>;
export type AllocationChoices = v.InferOutput<typeof allocationChoices>;
export type FoundAllocation = v.InferOutput<typeof foundAllocation>;
export type AllocationAction = v.InferOutput<typeof allocationAction>;
