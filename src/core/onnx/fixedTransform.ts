import type { Consumer } from './layer';

/** Words by which exporters name transforms that were computed, not learned, as whole parts of a name. */
const NAMES = new Set([
  'stft', 'istft', 'dft', 'idft', 'fft', 'ifft', 'rfft', 'irfft', 'cqt', 'dct', 'mel', 'melbank', 'melmat', 'fbank', 'filterbank',
  'basis', 'hann', 'hamming', 'window', 'twiddle', 'anchor', 'anchors',
]);

/** Kernels of one input channel as long as this belong to signal front ends: Fourier, constant-Q and low-pass filters. */
const LONG_KERNEL = 64;

/**
 * Whether a weight looks like a fixed transform at the entrance of a network. Judged by name and shape alone, without
 * its values: a learned filter of that shape is taken for one too, and a transform with a plain name is not recognised.
 */
export function isFixedTransform(name: string, dims: readonly number[], consumers: readonly Consumer[]): boolean {
  return name.toLowerCase().split(/[^a-z]+/).some((part) => NAMES.has(part)) || isLongFilter(dims, consumers);
}

function isLongFilter([, channels, ...kernel]: readonly number[], consumers: readonly Consumer[]): boolean {
  const long = kernel.filter((size) => size > 1);
  return consumers.every(({ op }) => op === 'Conv') && channels === 1 && long.length === 1 && long[0]! >= LONG_KERNEL;
}
