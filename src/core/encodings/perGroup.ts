import { groupCounts, type Groups } from '../groups/groups';
import type { NewNode } from '../onnx/protoWriter';
import { int64Tensor, type Blueprint, type NewTensor, type StoredCodes, type Weight } from './blueprint';

/** From this ai.onnx version Slice takes its bounds as inputs; before, as attributes. */
export const SLICE_WITH_INPUTS = 10;

/** A value and what it is computed by. */
export type Computed = Blueprint<StoredCodes> & { value: string };

/**
 * The shape in which one number a group broadcasts over a weight: whole blocks have an axis of their own. A weight whose
 * last block is shorter keeps its shape, and the numbers are repeated instead.
 */
export function groupedDims({ dims, spans }: Groups): number[] {
  const axis = blockAxis({ dims, spans });
  if (axis === null || hasShortBlock({ dims, spans }, axis)) return dims;
  return dims.flatMap((dim, i) => (i === axis ? [dim / spans[i]!, spans[i]!] : [dim]));
}

/** One number a group. */
export type GroupNumbers = Pick<NewTensor<StoredCodes>, 'dtype' | 'data'>;

/** One number a group, stored once each, in a shape that broadcasts over `groupedDims`. */
export function perGroup(weight: Weight, operand: string, { dtype, data }: GroupNumbers): Computed {
  const { part, shape: { groups } } = weight;
  const counts = groupCounts(groups);
  const axis = blockAxis(groups);
  const name = part(operand);
  if (axis === null) return { value: name, nodes: [], tensors: [{ name, dtype, data, dims: withoutLeadingOnes(counts) }] };
  const dims = counts.flatMap((count, i) => (i === axis ? [count, 1] : [count]));
  const stored: NewTensor<StoredCodes> = { name, dtype, data, dims };
  if (!hasShortBlock(groups, axis)) return { value: name, nodes: [], tensors: [stored] };

  const repeated = repeatedAlong(weight, operand, axis, counts);
  return { ...repeated, tensors: [stored, ...repeated.tensors] };
}

/** Each number of a block's repeated for every weight along the axis; what passes the last block's end is cut off. */
function repeatedAlong(weight: Weight, operand: string, axis: number, counts: number[]): Computed {
  const { part, shape: { groups } } = weight;
  const span = groups.spans[axis]!;
  const [tiled, line, repeats, shape] = ['tiled', 'line', 'repeats', 'shape'].map((step) => part(`${operand}.${step}`));
  const cut = firstAlong(weight, `${operand}.cut`, line!, axis, groups.dims[axis]!);
  return {
    value: cut.value,
    nodes: [
      { op: 'Tile', inputs: [part(operand), repeats!], output: tiled! },
      { op: 'Reshape', inputs: [tiled!, shape!], output: line! },
      ...cut.nodes,
    ],
    tensors: [
      int64Tensor(repeats!, counts.flatMap((_, i) => (i === axis ? [1, span] : [1]))),
      int64Tensor(shape!, counts.map((count, i) => (i === axis ? count * span : count))),
      ...cut.tensors,
    ],
  };
}

/** The first `end` indices of `input` along an axis, as the value `part(output)`. */
export function firstAlong({ part, shape }: Weight, output: string, input: string, axis: number, end: number): Computed {
  const value = part(output);
  if (shape.opset < SLICE_WITH_INPUTS) {
    const attributes = { starts: [0], ends: [end], axes: [axis] };
    return { value, nodes: [{ op: 'Slice', inputs: [input], output: value, attributes }], tensors: [] };
  }
  const bounds = { start: 0, end, axes: axis };
  const tensors = Object.entries(bounds).map(([name, bound]) => int64Tensor(part(`${output}.${name}`), [bound]));
  const slice: NewNode = { op: 'Slice', inputs: [input, ...tensors.map(({ name }) => name)], output: value };
  return { value, nodes: [slice], tensors };
}

/** The axis along which several groups of several weights lie; null where each axis is shared or has a group an index. */
function blockAxis({ dims, spans }: Groups): number | null {
  const axis = dims.findIndex((dim, i) => spans[i]! > 1 && spans[i]! < dim);
  return axis < 0 ? null : axis;
}

function hasShortBlock({ dims, spans }: Groups, axis: number): boolean {
  return dims[axis]! % spans[axis]! !== 0;
}

function withoutLeadingOnes(dims: number[]): number[] {
  const first = dims.findIndex((dim) => dim !== 1);
  return first < 0 ? [] : dims.slice(first);
}
