import type { MethodId } from '../src/core/plan/layerSettings';
import type { ThemeColour } from './theme';

/** How a method's line is told from others: by colour and by the shape of its points, a path within ±5 pixels. */
export interface MethodMark {
  colour: ThemeColour;
  path: string;
}

/** In the order of legend and table. */
export const METHOD_MARKS: Readonly<Record<MethodId, MethodMark>> = {
  uniform: { colour: '--method-uniform', path: 'M4 0A4 4 0 1 1-4 0A4 4 0 1 1 4 0Z' },
  sptq: { colour: '--method-sptq', path: 'M-3.6-3.6H3.6V3.6H-3.6Z' },
  msptq: { colour: '--method-msptq', path: 'M0-5L5 0L0 5L-5 0Z' },
  'lloyd-max': { colour: '--method-lloyd-max', path: 'M0-4.8L4.6 3.4H-4.6Z' },
  subset: { colour: '--method-subset', path: 'M0 4.8L4.6-3.4H-4.6Z' },
  apot: { colour: '--method-apot', path: 'M-1.6-4.6H1.6V-1.6H4.6V1.6H1.6V4.6H-1.6V1.6H-4.6V-1.6H-1.6Z' },
  pwlq: { colour: '--method-pwlq', path: 'M0-5L1.5-1.7L5-1.5L2.3.8L3.1 4.3L0 2.4L-3.1 4.3L-2.3.8L-5-1.5L-1.5-1.7Z' },
  n2uq: { colour: '--method-n2uq', path: 'M-2.3-4H2.3L4.6 0L2.3 4H-2.3L-4.6 0Z' },
};

export const METHOD_ORDER: readonly MethodId[] = ['uniform', 'sptq', 'msptq', 'lloyd-max', 'subset', 'apot', 'pwlq', 'n2uq'];
