import type { MethodId } from '../plan/layerSettings';
import type { Quantizer } from './quantizer';
import { uniform } from './uniform';

/** Every quantization method by its id. */
export const QUANTIZERS: Record<MethodId, Quantizer> = {
  uniform,
};
