import type { RuntimeValue } from '../runtime';
import { elementCount } from '../../core/onnx/elementCount';
import { invalidInputs, type InputArray } from './inputArray';
import { isFloatTensor } from './tensorData';

/** What stands for a dimension that the model leaves open. */
const OPEN_DIMENSION = 1;
/** Linear congruential generator of Numerical Recipes: the same numbers on every machine. */
const LCG = { multiplier: 1664525, increment: 1013904223 };

/**
 * One array for each input of a model: floats uniform in [0, 1), integers 0 or 1, open dimensions set to 1.
 * @throws CoreError `inputs-invalid` for an input that takes no numbers
 */
export function randomInputs(inputs: readonly RuntimeValue[], seed: number): InputArray[] {
  let state = seed >>> 0;
  const random = (): number => {
    state = (Math.imul(state, LCG.multiplier) + LCG.increment) >>> 0;
    return state / 2 ** 32;
  };
  return inputs.map(({ name, type, shape }) => {
    if (type === null || type === 'string') throw invalidInputs(`the model's input ${name} takes no numbers`);
    const dims = shape.map((dim) => (typeof dim === 'number' && dim > 0 ? dim : OPEN_DIMENSION));
    const value = isFloatTensor(type) ? random : () => Math.round(random());
    return { name, dims, values: Float32Array.from({ length: elementCount(dims) }, value), pixels: false };
  });
}
