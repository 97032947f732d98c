/** How many elements a tensor of these dims has: 1 without any, as a scalar has. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}
