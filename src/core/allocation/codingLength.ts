import { throwIfCancelled, type CancelSignal } from '../job';
import { gramMatrix, logDeterminant } from './gramMatrix';

/**
 * Bits that the columns of a matrix take when each is coded up to a given error, as if drawn from a zero-mean Gaussian
 * (Ma, Derksen, Hong and Wright, Segmentation of multivariate mixed data via lossy data coding and compression, 2007, eq. 6):
 * (m + n)/2 · log2 det(I + n/(m ε²) W Wᵀ). That a layer's coding length decides its bit width is Diao et al.'s (Attention
 * Round, 2022); the formula's use on weights is our reading of them.
 *
 * @param weights n rows of m, an output channel each
 * @param distortion squared error allowed a weight, ε²/n
 */
export function codingLength(
  weights: ArrayLike<number>, { rows, columns }: { rows: number; columns: number }, distortion: number, signal?: CancelSignal,
): number {
  const gram = gramMatrix(weights, rows, columns, signal);
  const size = Math.min(rows, columns);
  for (let i = 0; i < gram.length; i++) gram[i] = gram[i]! / (columns * distortion);
  for (let i = 0; i < size; i++) gram[i * size + i]! += 1;
  throwIfCancelled(signal);
  return ((rows + columns) / 2) * (logDeterminant(gram, size, signal) / Math.LN2);
}
