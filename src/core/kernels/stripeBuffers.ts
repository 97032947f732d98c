import { kernels } from './instance';
import { LAYER_CODES, LAYER_CAPACITY, STRIPE_CODES, STRIPE_CAPACITY, STRIPE_WEIGHTS } from './memoryMap';

/** Room for the weights of a stripe in the kernels' memory, of one use at a time; null where there is none for so many. */
export function stripeWeightBuffer(length: number): Float32Array | null {
  const wasm = length <= STRIPE_CAPACITY ? kernels() : null;
  return wasm && new Float32Array(wasm.memory.buffer, STRIPE_WEIGHTS, length);
}

/** The same for its codes. */
export function stripeCodeBuffer(length: number): Uint8Array | null {
  const wasm = length <= STRIPE_CAPACITY ? kernels() : null;
  return wasm && new Uint8Array(wasm.memory.buffer, STRIPE_CODES, length);
}

/** The same for the codes of a layer, which several stripes make up. */
export function layerCodeBuffer(length: number): Uint8Array | null {
  const wasm = length <= LAYER_CAPACITY ? kernels() : null;
  return wasm && new Uint8Array(wasm.memory.buffer, LAYER_CODES, length);
}
