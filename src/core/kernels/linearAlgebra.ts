import { kernels, type Kernels } from './instance';
import { WORK } from './memoryMap';

/** A block of b, of a and of c: 256 KB, 64 KB and 64 KB, which a core's own caches hold. */
const DEPTH = 256;
const COLUMNS = 256;
const ROWS = 64;
const A = WORK;
const B = A + 4 * ROWS * DEPTH;
const C = B + 4 * DEPTH * COLUMNS;

/**
 * The matrix product a · b in float32, products added up in order with each step rounded, with the kernels or without.
 * @param a m × k, row-major
 * @param b k × n, row-major
 * @returns m × n, row-major
 */
export function multiply(a: Float32Array, b: Float32Array, m: number, k: number, n: number): Float32Array {
  const c = new Float32Array(m * n);
  const wasm = kernels();
  if (wasm) multiplyBlocks(wasm, a, b, c, m, k, n);
  else plainMultiply(a, b, c, m, k, n);
  return c;
}

/** y += alpha · x in float32, element by element, each step rounded. `x` is as long as `y`. */
export function axpy(y: Float32Array, alpha: number, x: Float32Array): void {
  const wasm = kernels();
  if (!wasm) return plainAxpy(y, alpha, x);
  const [blockY, blockX] = [A, B].map((address) => new Float32Array(wasm.memory.buffer, address, ROWS * DEPTH));
  for (let start = 0; start < y.length; start += ROWS * DEPTH) {
    const count = Math.min(ROWS * DEPTH, y.length - start);
    copyRow(y, start, count, blockY!, 0);
    copyRow(x, start, count, blockX!, 0);
    wasm.axpy(A, alpha, B, roundUp(count, 4));
    copyRow(blockY!, 0, count, y, start);
  }
}

/** `axpy` without kernels. */
export function plainAxpy(y: Float32Array, alpha: number, x: Float32Array): void {
  const factor = Math.fround(alpha);
  for (let i = 0; i < y.length; i++) y[i] = y[i]! + Math.fround(factor * x[i]!);
}

/** `multiply` without kernels. */
export function plainMultiply(a: Float32Array, b: Float32Array, c: Float32Array, m: number, k: number, n: number): void {
  for (let row = 0; row < m; row++) {
    const into = c.subarray(row * n, (row + 1) * n);
    for (let p = 0; p < k; p++) plainAxpy(into, a[row * k + p]!, b.subarray(p * n, (p + 1) * n));
  }
}

function multiplyBlocks(
  wasm: Kernels, a: Float32Array, b: Float32Array, c: Float32Array, m: number, k: number, n: number,
): void {
  const blockA = new Float32Array(wasm.memory.buffer, A, ROWS * DEPTH);
  const blockB = new Float32Array(wasm.memory.buffer, B, DEPTH * COLUMNS);
  const blockC = new Float32Array(wasm.memory.buffer, C, ROWS * COLUMNS);
  for (let column = 0; column < n; column += COLUMNS) {
    const columns = Math.min(COLUMNS, n - column);
    const stride = roundUp(columns, 8);
    for (let p = 0; p < k; p += DEPTH) {
      const depth = Math.min(DEPTH, k - p);
      for (let i = 0; i < depth; i++) copyRow(b, (p + i) * n + column, columns, blockB, i * stride);
      for (let row = 0; row < m; row += ROWS) {
        const rows = Math.min(ROWS, m - row);
        for (let i = 0; i < rows; i++) copyRow(a, (row + i) * k + p, depth, blockA, i * depth);
        for (let i = 0; i < rows; i++) copyRow(c, (row + i) * n + column, columns, blockC, i * stride);
        wasm.multiplyBlock(A, B, C, roundUp(rows, 4), depth, stride);
        for (let i = 0; i < rows; i++) copyRow(blockC, i * stride, columns, c, (row + i) * n + column);
      }
    }
  }
}

function copyRow(from: Float32Array, start: number, length: number, to: Float32Array, at: number): void {
  to.set(from.subarray(start, start + length), at);
}

function roundUp(count: number, multiple: number): number {
  return Math.ceil(count / multiple) * multiple;
}
