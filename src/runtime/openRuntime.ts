import { nativeRuntime } from './nativeRuntime';
import type { Runtime } from './runtime';
import { wasmRuntime } from './wasmRuntime';

/** The native build when it is installed, else WebAssembly. */
export async function openRuntime(): Promise<Runtime> {
  return await nativeRuntime() ?? await wasmRuntime();
}
