import { sqnrDb } from './errorMeasures';
import type { ErrorSums } from './errorSums';

/** Errors of the same weights quantized in two ways. */
export interface ErrorPair {
  error: Pick<ErrorSums, 'signal' | 'noise'>;
  /** Of the uniform quantizer. */
  uniform: Pick<ErrorSums, 'signal' | 'noise'>;
}

/** SQNR of several layers together over that of the uniform quantizer, in decibels. */
export function totalGainDb(layers: readonly ErrorPair[]): number {
  const total = (of: keyof ErrorPair, part: 'signal' | 'noise'): number => layers.reduce((sum, each) => sum + each[of][part], 0);
  const decibels = (of: keyof ErrorPair): number => sqnrDb(total(of, 'signal'), total(of, 'noise'));
  return gainDb(decibels('error'), decibels('uniform'));
}

/** 0 between equal infinities. */
export function gainDb(found: number, uniform: number): number {
  return found === uniform ? 0 : found - uniform;
}
