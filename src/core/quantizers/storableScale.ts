/** The smallest normal float32: a scale is stored as float32 and has to stay positive. */
const SMALLEST_SCALE = 2 ** -126;

/** The scale as a copy stores it. */
export function storableScale(scale: number): number {
  return Math.max(Math.fround(scale), SMALLEST_SCALE);
}
