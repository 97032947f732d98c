import * as v from 'valibot';

/** What the page is told of the last evaluation. */
export const evaluationState = v.object({
  /** The file of inputs, without its folder. */
  file: v.string(),
  /** What was found, in one line. */
  text: v.string(),
  /** Whether it is of the model and the plan as they are now. */
  isCurrent: v.boolean(),
});

export type EvaluationState = v.InferOutput<typeof evaluationState>;
