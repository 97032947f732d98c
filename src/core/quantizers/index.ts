import type { MethodId } from '../plan/layerSettings';
import { apot } from './apot';
import { lloydMax } from './lloydMax';
import { msptq } from './msptq';
import { n2uq } from './n2uq';
import { pwlq } from './pwlq';
import type { Quantizer } from './quantizer';
import { sptq } from './sptq';
import { subset } from './subset';
import { uniform } from './uniform';

/** Every quantization method by its id. */
export const QUANTIZERS: Record<MethodId, Quantizer> = {
  uniform,
  sptq,
  msptq,
  'lloyd-max': lloydMax,
  subset,
  apot,
  pwlq,
  n2uq,
};
