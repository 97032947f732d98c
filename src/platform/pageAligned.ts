/** What Node's types leave out. */
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: { Memory: new (size: { initial: number }) => { buffer: ArrayBuffer } };
};

/** Of WebAssembly, a multiple of the system's. */
const PAGE = 64 * 1024;

/**
 * Memory that begins at a page, where that can be had: into arrays of Node, which begin 16 bytes behind one, some processors
 * copy files at a fifth of the speed.
 * @param bytes a multiple of 64 KB
 */
export function pageAligned(bytes: number): Uint8Array {
  try {
    return new Uint8Array(new WebAssembly.Memory({ initial: bytes / PAGE }).buffer);
  } catch {
    return new Uint8Array(bytes);
  }
}
