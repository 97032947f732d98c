import { elementCount } from '../../core/onnx/elementCount';
import type { RuntimeTensor, RuntimeValue } from '../runtime';
import { isOpen } from './openShape';
import { isFloatTensor, isNumberTensor, tensorData } from './tensorData';

/** What stands for dimensions that a model leaves open, the smallest first: networks that halve an image need more than a point. */
const OPEN_DIMENSIONS = [1, 64];
/** An image of 640 × 640: on larger ones networks of convolutions take many seconds, and no run of ONNX Runtime can be stopped. */
const MAX_VALUES = 3 * 640 * 640;
/** Floats are eighths below 1, which every type has. */
const [EIGHTHS, EIGHTH] = [7, 1 / 8];

/**
 * Inputs of the types and shapes that a model declares, the quickest first, always the same: floats from 0 to 3/4, integers 0, which
 * every vocabulary has, and false. Open dimensions are small, the first of an input 1. None where an input takes no numbers or too many.
 */
export function plainInputs(inputs: readonly RuntimeValue[]): Record<string, RuntimeTensor>[] {
  const isOpenInside = inputs.some(({ shape }) => shape.slice(1).some(isOpen));
  const sizes = isOpenInside ? OPEN_DIMENSIONS : OPEN_DIMENSIONS.slice(0, 1);
  return sizes.map((open) => feedsOf(inputs, open)).filter((feeds) => feeds !== null);
}

function feedsOf(inputs: readonly RuntimeValue[], open: number): Record<string, RuntimeTensor> | null {
  const feeds: Record<string, RuntimeTensor> = {};
  let values = 0;
  for (const { name, type, shape } of inputs) {
    const dims = shape.map((dim, axis) => (!isOpen(dim) ? Number(dim) : axis === 0 ? 1 : open));
    values += elementCount(dims);
    if (!isNumberTensor(type) || values > MAX_VALUES) return null;
    const value = isFloatTensor(type) ? (i: number): number => (i % EIGHTHS) * EIGHTH : (): number => 0;
    feeds[name] = { type, dims, data: tensorData(type, elementCount(dims), value) };
  }
  return feeds;
}
