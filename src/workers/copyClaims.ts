/**
 * What the two writers of a copy tell each other while neither hears messages, in memory that they share: whether one has failed,
 * whether the helper has come, whether it is wanted elsewhere, and for each layer whether it is taken.
 */
const [FAILED, DOOR, WANTED, LAYERS] = [0, 1, 2, 3];
const [OPEN, ENTERED, CLOSED] = [0, 1, 2];

/** For so many layers. */
export function newClaims(layers: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer((LAYERS + layers) * Int32Array.BYTES_PER_ELEMENT));
}

/** Takes a layer, unless it is taken. */
export function takeLayer(claims: Int32Array, layer: number): boolean {
  return Atomics.compareExchange(claims, LAYERS + layer, 0, 1) === 0;
}

/** Lets the helper in, unless it is too late. */
export function enter(claims: Int32Array): boolean {
  return Atomics.compareExchange(claims, DOOR, OPEN, ENTERED) === OPEN;
}

/** Keeps the helper out; false where it is in. */
export function closeDoor(claims: Int32Array): boolean {
  return Atomics.compareExchange(claims, DOOR, OPEN, CLOSED) === OPEN;
}

/** Tells the helper that other work waits for it: it leaves the layers that it has not begun. */
export function callAway(claims: Int32Array): void {
  Atomics.store(claims, WANTED, 1);
}

export function isCalledAway(claims: Int32Array): boolean {
  return Atomics.load(claims, WANTED) === 1;
}

/** Has the other writer stop. */
export function fail(claims: Int32Array): void {
  Atomics.store(claims, FAILED, 1);
}

export function hasFailed(claims: Int32Array): boolean {
  return Atomics.load(claims, FAILED) === 1;
}
