import { kernels, type Kernels } from './instance';
import { WORK } from './memoryMap';

type Numbers = Float32Array | Float64Array;

/** A matrix that lies in `numbers` row by row, `stride` of them apart: [rows, columns] are told beside it. */
export interface Matrix {
  numbers: Numbers;
  /** Where its first row starts. */
  start: number;
  stride: number;
}

/** A block of b, of a and of c: at most 512 KB, 128 KB and 128 KB, which a core's own caches hold. */
const DEPTH = 256;
const COLUMNS = 256;
const ROWS = 64;

/** `numbers` as a matrix of their own, with so many columns. */
export function packed(numbers: Numbers, columns: number): Matrix {
  return { numbers, start: 0, stride: columns };
}

/** The matrix that begins at a row and column of another. */
export function submatrix({ numbers, start, stride }: Matrix, row: number, column: number): Matrix {
  return { numbers, start: start + row * stride + column, stride };
}

/**
 * c += a · b in the type of c, products added up in order with each step rounded, with the kernels or without.
 * @param c m × n
 * @param a m × k
 * @param b k × n
 */
export function addProduct(c: Matrix, a: Matrix, b: Matrix, m: number, k: number, n: number): void {
  const wasm = kernels();
  if (wasm) addBlocks(wasm, c, a, b, m, k, n);
  else plainAddProduct(c, a, b, m, k, n);
}

/** `addProduct` without kernels. */
export function plainAddProduct(c: Matrix, a: Matrix, b: Matrix, m: number, k: number, n: number): void {
  const addScaled = c.numbers instanceof Float32Array ? addScaledSingles : addScaledDoubles;
  for (let row = 0; row < m; row++) {
    const into = rowOf(c, row, n);
    const factors = rowOf(a, row, k);
    for (let p = 0; p < k; p++) addScaled(into, factors[p]!, rowOf(b, p, n));
  }
}

function addScaledSingles(y: Numbers, alpha: number, x: Numbers): void {
  const factor = Math.fround(alpha);
  for (let i = 0; i < y.length; i++) y[i] = y[i]! + Math.fround(factor * Math.fround(x[i]!));
}

function addScaledDoubles(y: Numbers, alpha: number, x: Numbers): void {
  for (let i = 0; i < y.length; i++) y[i] = y[i]! + alpha * x[i]!;
}

function addBlocks(wasm: Kernels, c: Matrix, a: Matrix, b: Matrix, m: number, k: number, n: number): void {
  const { multiply, blockA, blockB, blockC } = blocksFor(wasm, c.numbers);
  for (let column = 0; column < n; column += COLUMNS) {
    const columns = Math.min(COLUMNS, n - column);
    const stride = roundUp(columns, 8);
    for (let p = 0; p < k; p += DEPTH) {
      const depth = Math.min(DEPTH, k - p);
      for (let i = 0; i < depth; i++) blockB.set(rowOf(submatrix(b, p, column), i, columns), i * stride);
      for (let row = 0; row < m; row += ROWS) {
        const rows = Math.min(ROWS, m - row);
        for (let i = 0; i < rows; i++) blockA.set(rowOf(submatrix(a, row, p), i, depth), i * depth);
        for (let i = 0; i < rows; i++) blockC.set(rowOf(submatrix(c, row, column), i, columns), i * stride);
        multiply(blockA.byteOffset, blockB.byteOffset, blockC.byteOffset, roundUp(rows, 4), depth, stride);
        for (let i = 0; i < rows; i++) rowOf(submatrix(c, row, column), i, columns).set(blockC.subarray(i * stride, i * stride + columns));
      }
    }
  }
}

interface Blocks {
  multiply: Kernels['multiplySingles'];
  blockA: Numbers;
  blockB: Numbers;
  blockC: Numbers;
}

/** Room for blocks in the kernels' memory, and the kernel for the type of `numbers`. */
function blocksFor(wasm: Kernels, numbers: Numbers): Blocks {
  const single = numbers instanceof Float32Array;
  const block = (start: number, length: number): Numbers =>
    new (single ? Float32Array : Float64Array)(wasm.memory.buffer, start, length);
  const blockA = block(WORK, ROWS * DEPTH);
  const blockB = block(WORK + blockA.byteLength, DEPTH * COLUMNS);
  const blockC = block(blockB.byteOffset + blockB.byteLength, ROWS * COLUMNS);
  return { multiply: single ? wasm.multiplySingles : wasm.multiplyDoubles, blockA, blockB, blockC };
}

function rowOf({ numbers, start, stride }: Matrix, row: number, columns: number): Numbers {
  return numbers.subarray(start + row * stride, start + row * stride + columns);
}

function roundUp(count: number, multiple: number): number {
  return Math.ceil(count / multiple) * multiple;
}
