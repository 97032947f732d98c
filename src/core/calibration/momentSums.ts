import { addProduct, packed } from '../kernels/linearAlgebra';
import type { InputMoments } from './inputMoments';
import type { LayerMatrix } from './layerMatrix';

/** Inputs that are multiplied at once: enough that sums are read and written seldom, few enough for float32 sums. */
const GATHERED = 512;

/** Moments of a layer's inputs, added up as these come. */
export class MomentSums {
  readonly #second: Float64Array;
  readonly #first: Float64Array;
  /** [positions, groups, columns] */
  readonly #gathered: Float32Array;
  #waiting = 0;
  #positions = 0;

  constructor(readonly matrix: LayerMatrix) {
    const { groups, columns } = matrix;
    this.#second = new Float64Array(groups * columns ** 2);
    this.#first = new Float64Array(groups * columns);
    this.#gathered = new Float32Array(GATHERED * groups * columns);
  }

  /** @param inputs [positions, groups, columns] */
  addInputs(inputs: Float32Array): void {
    const length = this.#gathered.length / GATHERED;
    for (let at = 0; at < inputs.length;) {
      const free = (GATHERED - this.#waiting) * length;
      const some = inputs.subarray(at, at + free);
      this.#gathered.set(some, this.#waiting * length);
      this.#waiting += some.length / length;
      at += some.length;
      if (this.#waiting === GATHERED) this.#multiply();
    }
  }

  /** @param second Σ x xᵀ, [groups, columns, columns]; @param mean E[x], [groups, columns] */
  addSums(second: Float32Array, mean: Float32Array, positions: number): void {
    for (let i = 0; i < second.length; i++) this.#second[i]! += second[i]!;
    for (let i = 0; i < mean.length; i++) this.#first[i]! += positions * mean[i]!;
    this.#positions += positions;
  }

  moments(): InputMoments {
    this.#multiply();
    const { groups, columns } = this.matrix;
    const mean = (sums: Float64Array): Float32Array => Float32Array.from(sums, (sum) => sum / this.#positions);
    return { groups, columns, positions: this.#positions, second: mean(this.#second), first: mean(this.#first) };
  }

  #multiply(): void {
    const { groups, columns } = this.matrix;
    const positions = this.#waiting;
    for (let group = 0; group < groups; group++) {
      const [rows, turned] = [new Float32Array(positions * columns), new Float32Array(positions * columns)];
      for (let position = 0; position < positions; position++) {
        const start = (position * groups + group) * columns;
        for (let column = 0; column < columns; column++) {
          const x = this.#gathered[start + column]!;
          rows[position * columns + column] = x;
          turned[column * positions + position] = x;
          this.#first[group * columns + column]! += x;
        }
      }
      const products = new Float32Array(columns ** 2);
      addProduct(packed(products, columns), packed(turned, positions), packed(rows, columns), columns, positions, columns);
      for (let i = 0; i < products.length; i++) this.#second[group * products.length + i]! += products[i]!;
    }
    this.#positions += positions;
    this.#waiting = 0;
  }
}
