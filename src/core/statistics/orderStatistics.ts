import { throwIfCancelled, type CancelSignal } from '../job';
import type { FloatArray } from '../onnx/dataType';
import { bitsOfKey, orderedKey } from './sortFloats';

/** Counters of one half of a 32-bit key. */
const HALF = 1 << 16;
const EXPONENT = 0x7f800000;

/** A place in ascending order that lies between two weights: `fraction` of the way from rank `lower` to the next. */
interface Position {
  lower: number;
  fraction: number;
}

/**
 * Quantiles of weights in ascending order by linear interpolation between neighbours (numpy's default), so that the
 * median of an even count is the mean of the middle two.
 *
 * @param at the weight of a rank, counted from 0
 */
export function quantile(probability: number, count: number, at: (rank: number) => number): number {
  const { lower, fraction } = position(probability, count);
  const value = at(lower);
  return fraction === 0 ? value : value + fraction * (at(lower + 1) - value);
}

/** The ranks that `quantile` asks for. */
export function ranksOf(probabilities: readonly number[], count: number): number[] {
  const ranks = probabilities.map((probability) => position(probability, count)).flatMap(({ lower }) => [lower, lower + 1]);
  return [...new Set(ranks)].filter((rank) => rank < count).sort((a, b) => a - b);
}

/**
 * The weights of given ranks among the finite weights, exactly and in memory that does not grow with their number: one
 * pass counts the upper half of the order-preserving key, a second the lower half where a rank falls. Weights in
 * float64 are ranked by their nearest float32.
 *
 * @param ranks ascending, counted from 0, below the number of finite weights
 */
export function valuesAtRanks(
  chunks: () => Iterable<FloatArray>, ranks: readonly number[], signal?: CancelSignal,
): Map<number, number> {
  const upper = new Float64Array(HALF);
  forEachChunk(chunks, signal, (bits) => countUpperHalves(bits, upper));
  const placed = place(ranks, upper);

  const slotOfHalf = new Int32Array(HALF).fill(-1);
  const halves = [...new Set(placed.map(({ bin }) => bin))];
  halves.forEach((half, slot) => (slotOfHalf[half] = slot));
  const lower = halves.map(() => new Float64Array(HALF));
  forEachChunk(chunks, signal, (bits) => countLowerHalves(bits, slotOfHalf, lower));

  return new Map(placed.map(({ rank, bin, within }) => {
    const [inner] = place([within], lower[slotOfHalf[bin]!]!);
    return [rank, floatOfKey(bin * HALF + (inner as Placed).bin)];
  }));
}

/** A rank, the bin it falls into, and its rank among that bin's weights. */
interface Placed {
  rank: number;
  bin: number;
  within: number;
}

function place(ranks: readonly number[], counts: Float64Array): Placed[] {
  const placed: Placed[] = [];
  let below = 0;
  for (let bin = 0; bin < counts.length && placed.length < ranks.length; bin++) {
    const end = below + counts[bin]!;
    for (let rank = ranks[placed.length]; rank !== undefined && rank < end; rank = ranks[placed.length]) {
      placed.push({ rank, bin, within: rank - below });
    }
    below = end;
  }
  return placed;
}

function position(probability: number, count: number): Position {
  const exact = probability * (count - 1);
  const lower = Math.floor(exact);
  return { lower, fraction: exact - lower };
}

function forEachChunk(
  chunks: () => Iterable<FloatArray>, signal: CancelSignal | undefined, visit: (bits: Uint32Array) => void,
): void {
  for (const chunk of chunks()) {
    throwIfCancelled(signal);
    const singles = chunk instanceof Float32Array ? chunk : Float32Array.from(chunk);
    visit(new Uint32Array(singles.buffer, singles.byteOffset, singles.length));
  }
}

function countUpperHalves(bits: Uint32Array, counts: Float64Array): void {
  for (let i = 0; i < bits.length; i++) {
    const b = bits[i]!;
    if ((b & EXPONENT) !== EXPONENT) counts[orderedKey(b) >>> 16]!++;
  }
}

function countLowerHalves(bits: Uint32Array, slotOfHalf: Int32Array, counts: Float64Array[]): void {
  for (let i = 0; i < bits.length; i++) {
    const b = bits[i]!;
    if ((b & EXPONENT) === EXPONENT) continue;
    const key = orderedKey(b);
    const slot = slotOfHalf[key >>> 16]!;
    if (slot >= 0) counts[slot]![key & (HALF - 1)]!++;
  }
}

function floatOfKey(key: number): number {
  return new Float32Array(Uint32Array.of(bitsOfKey(key)).buffer)[0]!;
}
