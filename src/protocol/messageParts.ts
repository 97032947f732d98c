import * as v from 'valibot';

/** What messages of several kinds are made of. */

/** Of a layer, a row or a choice. */
export const index = v.pipe(v.number(), v.integer(), v.minValue(0));

/** JSON-safe: numbers that are not finite travel as null. */
export const maybe = v.nullable(v.number());

export const histogram = v.object({ min: maybe, max: maybe, counts: v.array(v.number()) });

export const problem = v.object({
  title: v.string(),
  /** What to do about it. */
  remedy: v.string(),
  detail: v.string(),
});
