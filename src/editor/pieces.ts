/** Rows in one message: some 100 KB, a few milliseconds of the extension host. */
const PIECE = 500;

/** The items in runs that fit a message; one empty run when there are none. */
export function pieces<T>(items: readonly T[]): T[][] {
  const count = Math.max(1, Math.ceil(items.length / PIECE));
  return Array.from({ length: count }, (_, piece) => items.slice(piece * PIECE, (piece + 1) * PIECE));
}

/** Lets whatever waits for the extension host go first, timers too: an immediate would follow on what has just come, in the same turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
