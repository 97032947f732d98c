import type { StoredCodebook, UniformGrid } from '../quantizers/codebook';
import { storedCodebook } from './storedLevels';

/** Scale, offset and zero point. */
const NUMBERS = 3;

/**
 * The codebooks of a layer's groups, as a copy stores them. There may be millions, a block of weights each: of those that
 * differ by scale and offset alone, which are float32 numbers, only these are kept.
 */
export class CodebookList {
  length = 0;
  /** What all of these share, after the first of them. */
  shared: Pick<UniformGrid, 'kind' | 'count'> | { unit: ArrayLike<number> } | null = null;
  numbers = new Float32Array(NUMBERS);
  /** Others, by group. */
  others = new Map<number, StoredCodebook>();

  static of(codebooks: Iterable<StoredCodebook>): CodebookList {
    const list = new CodebookList();
    for (const codebook of codebooks) list.push(codebook);
    return list;
  }

  /** Adds the next group's. */
  push(codebook: StoredCodebook): void {
    const group = this.length++;
    const { uniform, scaled } = codebook;
    if (uniform) this.shared ??= { kind: uniform.kind, count: uniform.count };
    else if (scaled) this.shared ??= { unit: scaled.unit };
    if (uniform && this.shared && 'kind' in this.shared && isOf(this.shared, uniform)) {
      this.#put(group, uniform.scale, uniform.offset, uniform.zeroPoint);
    } else if (scaled && this.shared && 'unit' in this.shared && this.shared.unit === scaled.unit) {
      this.#put(group, scaled.scale, scaled.offset, 0);
    } else {
      this.others.set(group, storedCodebook(codebook));
    }
  }

  get(group: number): StoredCodebook {
    const other = this.others.get(group);
    if (other) return other;
    const { shared, numbers } = this;
    const at = NUMBERS * group;
    const [scale, offset] = [numbers[at]!, numbers[at + 1]!];
    if (shared && 'kind' in shared) {
      // Not by a spread, which takes longer than all the rest.
      return { uniform: { kind: shared.kind, count: shared.count, scale, offset, zeroPoint: numbers[at + 2]! } };
    }
    return { scaled: { unit: shared!.unit, scale, offset } };
  }

  *[Symbol.iterator](): Generator<StoredCodebook, void> {
    for (let group = 0; group < this.length; group++) yield this.get(group);
  }

  /** A number of each. */
  map(of: (codebook: StoredCodebook) => number): Float32Array {
    return Float32Array.from({ length: this.length }, (_, group) => of(this.get(group)));
  }

  #put(group: number, scale: number, offset: number, zeroPoint: number): void {
    const at = NUMBERS * group;
    if (at >= this.numbers.length) {
      const grown = new Float32Array(2 * (at + NUMBERS));
      grown.set(this.numbers);
      this.numbers = grown;
    }
    this.numbers[at] = scale;
    this.numbers[at + 1] = offset;
    this.numbers[at + 2] = zeroPoint;
  }
}

function isOf(shared: Pick<UniformGrid, 'kind' | 'count'>, { kind, count }: UniformGrid): boolean {
  return shared.kind === kind && shared.count === count;
}
