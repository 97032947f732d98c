import { bitsPerElement } from './dataType';
import type { StoredTensor } from './modelIndex';
import { integer, type NetworkNode } from './network';

/** Operators that take codes of `bits`, 4 unless said, several to a byte (ONNX Runtime, ContribOperators.md). */
export const PACKED_OPERATORS: ReadonlySet<string> = new Set(['MatMulNBits', 'GatherBlockQuantized']);

/**
 * The dims of the weight that a node's bytes stand for; null where each element of the tensor is a code. Of MatMulNBits these are
 * [N, K], without what pads blocks; GatherBlockQuantized packs along the last axis.
 */
export function packedDims(node: NetworkNode, { dims, dtype, elements }: StoredTensor): number[] | null {
  if (!PACKED_OPERATORS.has(node.op) || dtype !== 'uint8') return null;
  const found = node.op === 'MatMulNBits' ? [integer(node, 'N', 0), integer(node, 'K', 0)] : alongLast(dims, integer(node, 'bits', 4));
  if (!found.every((dim) => dim !== null && dim > 0)) return null;
  const codes = found.reduce<number>((product, dim) => product * dim!, 1);
  return codes * (integer(node, 'bits', 4) ?? Infinity) <= elements * bitsPerElement(dtype) ? found as number[] : null;
}

function alongLast(dims: readonly number[], bits: number | null): (number | null)[] {
  return [...dims.slice(0, -1), bits && Math.floor((dims.at(-1)! * 8) / bits)];
}
