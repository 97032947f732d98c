import type { CalibratedRounding } from '../plan/layerSettings';
import type { Rounding } from './rounding';
const none: Rounding = () => { throw new Error('stub'); };
export const ROUNDINGS: Record<CalibratedRounding, Rounding> = { gptq: none, attention: none, 'attention-normal': none, reconstruction: none };
