import { kernels } from './instance';
import { LAYER_CODES, LAYER_ROOM, STRIPE_CODES, STRIPE_ROOM, STRIPE_WEIGHTS } from './memoryMap';

/** Room for the weights of a stripe in the kernels' memory, of one use at a time; null where there is none for so many. */
export function weightRoom(length: number): Float32Array | null {
  const wasm = length <= STRIPE_ROOM ? kernels() : null;
  return wasm && new Float32Array(wasm.memory.buffer, STRIPE_WEIGHTS, length);
}

/** The same for its codes. */
export function codeRoom(length: number): Uint8Array | null {
  const wasm = length <= STRIPE_ROOM ? kernels() : null;
  return wasm && new Uint8Array(wasm.memory.buffer, STRIPE_CODES, length);
}

/** The same for the codes of a layer, which several stripes make up. */
export function layerCodeRoom(length: number): Uint8Array | null {
  const wasm = length <= LAYER_ROOM ? kernels() : null;
  return wasm && new Uint8Array(wasm.memory.buffer, LAYER_CODES, length);
}
