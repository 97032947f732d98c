import type { CalibratedRounding } from '../plan/layerSettings';
import { attention, attentionNormal } from './attention';
import { gptq } from './gptq';
import { reconstruction } from './reconstruction';
import type { Rounding } from './rounding';

/** Every calibrated rounding by its id. */
export const ROUNDING_OF: Record<CalibratedRounding, Rounding> = {
  gptq,
  attention,
  'attention-normal': attentionNormal,
  reconstruction,
};
