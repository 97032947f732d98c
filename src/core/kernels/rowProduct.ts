import type { Kernels } from './instance';
import type { MatrixRows } from './matrixRows';
import { MOST_ADDED } from './memoryMap';
import type { RowNumbers } from './rowNumbers';

/** A vector that changes entry by entry, and its product with a symmetric matrix, which follows. */
export class RowProduct {
  readonly vector: Float64Array;
  private readonly sums: Float64Array;
  /** Entries whose changes the product is behind by, of which there are `behind`. */
  private readonly changed = new Uint32Array(MOST_ADDED);
  private readonly changes = new Float64Array(MOST_ADDED);
  private behind = 0;
  readonly wasm: Kernels | null;

  constructor(private readonly matrix: MatrixRows, numbers: RowNumbers, vector: ArrayLike<number>) {
    this.wasm = numbers.wasm;
    this.vector = numbers.zeros();
    this.sums = numbers.zeros();
    for (let j = 0; j < vector.length; j++) this.change(j, vector[j]!);
  }

  change(entry: number, by: number): void {
    if (by === 0) return;
    if (this.behind === MOST_ADDED) this.follow();
    this.vector[entry]! += by;
    this.changed[this.behind] = entry;
    this.changes[this.behind++] = by;
  }

  /** matrix · vector, which float64 keeps exact over any number of changes. */
  get product(): Float64Array {
    if (this.behind > 0) this.follow();
    return this.sums;
  }

  private follow(): void {
    this.matrix.addTo(this.sums, this.changed, this.changes, this.behind);
    this.behind = 0;
  }
}

/** vᵀ C v */
export function quadraticForm({ vector, product, wasm }: RowProduct): number {
  return innerProduct(wasm, vector, product);
}

/** Σ a·b of `RowNumbers`, added up as four sums, of every fourth product, which is what SIMD does and the plain loop does too. */
export function innerProduct(wasm: Kernels | null, a: Float64Array, b: Float64Array): number {
  return wasm ? wasm.innerProduct(a.byteOffset, b.byteOffset, a.length) : plainInnerProduct(a, b);
}

function plainInnerProduct(a: Float64Array, b: Float64Array): number {
  let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
  for (let j = 0; j < a.length; j += 4) {
    sum0 += a[j]! * b[j]!;
    sum1 += a[j + 1]! * b[j + 1]!;
    sum2 += a[j + 2]! * b[j + 2]!;
    sum3 += a[j + 3]! * b[j + 3]!;
  }
  return sum0 + sum2 + (sum1 + sum3);
}
