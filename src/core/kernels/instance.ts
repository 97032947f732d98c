import { CODES, LEVELS, MOST_LEVELS, MOST_SUMS, OUT, PIECE, WORK } from './memoryMap';
import { WASM } from './wasm';

/** What `assembly/` exports: addresses are in `memory`, in bytes; see there for what is expected of counts. */
export interface Kernels {
  memory: { buffer: ArrayBuffer };
  /** Views of the memory at `OUT`, `WORK`, `CODES` and `LEVELS`: made for each piece, they would be most of what is collected. */
  out: Float64Array;
  work: Float32Array;
  codes: Uint8Array;
  levels: Float32Array;
  range(weights: number, count: number, out: number): number;
  countedRange(weights: number, count: number, out: number): number;
  centralPowers(weights: number, count: number, mean: number, out: number): void;
  absDeviations(weights: number, count: number, centre: number, out: number): void;
  countCells(weights: number, count: number): void;
  filledUp(counts: number, from: number, to: number, places: number): number;
  filledDown(counts: number, from: number, to: number, places: number): number;
  placeCells(
    counts: number, places: number, end: number, before: number, ofLowest: number, ofHighest: number, below: number, lowest: number,
    highest: number,
  ): number;
  countWithin(weights: number, count: number, found: number, marks: number, slots: number, counts: number): void;
  spreadPowers(below: number, lowest: number, highest: number, places: number, mean: number, out: number): void;
  spreadAbsDeviation(below: number, lowest: number, highest: number, places: number, centre: number): number;
  gatherCells(
    weights: number, count: number, start: number, cellsPerUnit: number, cells: number, pairs: number, beyond: number,
  ): number;
  neighbours(weights: number, count: number, rank: number, low: number, high: number, keys: number, out: number): void;
  orderByCell(
    weights: number, length: number, cells: number, lowest: number, perUnit: number, origin: number,
    ordered: number, places: number, starts: number, sums: number,
  ): number;
  gridGain(
    ordered: number, length: number, cells: number, lowest: number, perUnit: number, starts: number, sums: number,
    origin: number, scale: number, zeroPoint: number, levels: number,
  ): number;
  sortSingles(weights: number, count: number, other: number, digits: number): void;
  assignWhole(weights: number, count: number, codes: number, scale: number, zeroPoint: number, offset: number, last: number): void;
  assignMidRise(weights: number, count: number, codes: number, scale: number, offset: number, last: number): void;
  assignByThreshold(weights: number, count: number, codes: number, thresholds: number, thresholdCount: number): void;
  codeErrors(weights: number, codes: number, count: number, levels: number, out: number): void;
  gridLevels(count: number, scale: number, zeroPoint: number, offset: number, levels: number): void;
  sumByCode(weights: number, codes: number, count: number, sums: number): void;
  gridErrors(weights: number, count: number, inverse: number, origin: number, lowest: number, highest: number): number;
  packPlane(
    codes: number, bytes: number, count: number, codesPerGroup: number, bits: number, offset: number, shift: number, width: number,
  ): void;
  multiplySingles(a: number, b: number, c: number, rows: number, depth: number, stride: number): void;
  multiplyDoubles(a: number, b: number, c: number, rows: number, depth: number, stride: number): void;
  addRows(into: number, length: number, rows: number, factors: number, count: number): void;
  innerProduct(a: number, b: number, length: number): number;
  adamStep(
    parameters: number, gradient: number, mean: number, square: number, low: number, high: number, left: number,
    length: number, rate: number,
  ): number;
  attentionGradient(gradient: number, product: number, slope: number, alpha: number, factors: number, length: number): void;
  reconstructionGradient(
    gradient: number, outer: number, weights: number, levels: number, product: number, target: number, length: number,
    scale: number, pull: number,
  ): void;
  transposeSingles(rows: number, row: number, columns: number, into: number, stride: number): void;
  transposeBytes(from: number, stride: number, columns: number, rows: number, row: number): void;
}

/** The part of its interface that is used: not all programs this is compiled in have types for it. */
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: { Module: new (bytes: Uint8Array) => object; Instance: new (module: object) => { exports: unknown } };
};

let instance: Kernels | null | undefined;

/**
 * The kernels, compiled on first use; null where WebAssembly, or its SIMD, is not there. A thread has one instance, and what
 * is in its memory stays only until the next call of whatever uses the same part of it (`memoryMap`).
 */
export function kernels(): Kernels | null {
  return (instance === undefined ? (instance = instantiate()) : instance);
}

function instantiate(): Kernels | null {
  try {
    const text = atob(WASM);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
    const exported = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Kernels;
    const { buffer } = exported.memory;
    return {
      ...exported,
      out: new Float64Array(buffer, OUT, MOST_SUMS), work: new Float32Array(buffer, WORK, PIECE),
      codes: new Uint8Array(buffer, CODES, PIECE), levels: new Float32Array(buffer, LEVELS, MOST_LEVELS),
    };
  } catch {
    return null;
  }
}
