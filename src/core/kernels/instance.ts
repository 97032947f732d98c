import { WASM } from './wasm';

/** What `assembly/` exports: addresses are in `memory`, in bytes; see there for what is expected of counts. */
export interface Kernels {
  memory: { buffer: ArrayBuffer; grow(pages: number): number };
  multiplyBlock(a: number, b: number, c: number, rows: number, depth: number, stride: number): void;
  axpy(y: number, alpha: number, x: number, count: number): void;
}

/** The part of its interface that is used: not all programs this is compiled in have types for it. */
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: { Module: new (bytes: Uint8Array) => object; Instance: new (module: object) => { exports: unknown } };
};

const PAGE_BYTES = 1 << 16;
/** Where callers' data may start: below lies what the compiler sets aside. */
export const FREE = 1024;

let instance: Kernels | null | undefined;

/** The kernels, compiled on first use; null where WebAssembly, or its SIMD, is not there. One thread has one instance. */
export function kernels(): Kernels | null {
  return (instance ??= instantiate());
}

/** The kernels with `bytes` of memory to use from `FREE` on. What is there stays, until the next caller of any kernel. */
export function kernelsWith(bytes: number): Kernels | null {
  const found = kernels();
  if (found) {
    const missing = FREE + bytes - found.memory.buffer.byteLength;
    if (missing > 0) found.memory.grow(Math.ceil(missing / PAGE_BYTES));
  }
  return found;
}

function instantiate(): Kernels | null {
  try {
    const bytes = Uint8Array.from(atob(WASM), (character) => character.charCodeAt(0));
    return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Kernels;
  } catch {
    return null;
  }
}
