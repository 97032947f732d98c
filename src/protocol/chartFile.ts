import * as v from 'valibot';

const text = v.pipe(v.string(), v.maxLength(1000));
/** Numbers that are not finite travel as text. */
const cell = v.union([text, v.number(), v.null()]);
const base64 = v.pipe(v.string(), v.maxLength(32_000_000), v.regex(/^[A-Za-z0-9+/]+={0,2}$/));

/** A chart as a file: a picture, or its numbers. Bounds are far above what any chart holds. */
export const chartFile = v.variant('format', [
  v.object({ format: v.literal('png'), data: base64 }),
  v.object({
    format: v.literal('csv'),
    tables: v.pipe(v.array(v.object({
      caption: text,
      heads: v.pipe(v.array(text), v.maxLength(32)),
      rows: v.pipe(v.array(v.pipe(v.array(cell), v.maxLength(32))), v.maxLength(1_000_000)),
    })), v.maxLength(8)),
  }),
]);
