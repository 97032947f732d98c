import { groupCount } from '../assignment/groups';
import { CoreError } from '../errors';
import { dataTypeCode, type NewNode } from '../onnx/protoWriter';
import type { StoredCodebook, UniformGrid } from '../quantizers/codebook';
import { float32Bytes, int32Bytes, int64Tensor, isGrid, type Blueprint, type StoredCodes, type Weight } from './blueprint';
import { groupedDims, perGroup, type Computed } from './perGroup';
import { storedLevels } from './storedLevels';

/**
 * The zero point that all weights of a grid share, so that tables can hold k − zero point; null when each codebook has
 * its own (affine).
 */
export function fixedZeroPoint(grid: UniformGrid['kind'], bits: number): number | null {
  if (grid === 'symmetric') return 2 ** (bits - 1) - 1;
  if (grid === 'mid-rise') return (2 ** bits - 1) / 2;
  return null;
}

/** A node of the tail but for its output, and what its operands are computed by. */
interface Operation extends Blueprint<StoredCodes> {
  op: string;
  inputs: (value: string) => string[];
  attributes?: NewNode['attributes'];
}

/**
 * From codes or steps, shaped as `groupedDims`, to the weight. ONNX Runtime rounds to float32 after each node; Mul and Add
 * of float16 are not folded by it and round differently, hence the Cast to the weight's type comes last.
 * - a grid: [Sub zero point,] Mul scale [, Add offset], of float32 steps k − zero point, or k when `subtractZeroPoint`
 * - unit levels: Mul scale [, Add offset], of float32 unit levels
 * - levels of a group's own: [Add the place of the group's levels,] Gather of levels, of int32 codes
 */
export function levelTail(weight: Weight, input: string, subtractZeroPoint: boolean): Blueprint<StoredCodes> {
  const { name, part, shape } = weight;
  const operations = [
    ...(shape.form === 'free' ? lookUp(weight) : scale(weight, subtractZeroPoint)),
    ...wholeAgain(weight),
    ...(shape.dtype === 'float32' ? [] : [cast(shape.dtype)]),
  ];
  const nodes: NewNode[] = [];
  let value = input;
  for (const [i, { op, inputs, attributes, nodes: before }] of operations.entries()) {
    const output = i === operations.length - 1 ? name : part(op.toLowerCase());
    nodes.push(...before, { op, inputs: inputs(value), output, ...(attributes && { attributes }) });
    value = output;
  }
  return { nodes, tensors: operations.flatMap(({ tensors }) => tensors) };
}

function scale(weight: Weight, subtractZeroPoint: boolean): Operation[] {
  const { shape } = weight;
  return [
    ...(subtractZeroPoint ? [byNumbers('Sub', weight, 'zero', ({ uniform }) => uniform?.zeroPoint)] : []),
    byNumbers('Mul', weight, 'scale', ({ scaled, uniform }) => (scaled ?? uniform)?.scale),
    ...(shape.offset ? [byNumbers('Add', weight, 'offset', ({ scaled, uniform }) => (scaled ?? uniform)?.offset)] : []),
  ];
}

function byNumbers(op: string, weight: Weight, operand: string, of: (codebook: StoredCodebook) => number | undefined): Operation {
  return onOperand(op, perGroup(weight, operand, {
    dtype: 'float32',
    data: ({ codebooks }) => float32Bytes(codebooks.map((codebook) => of(fitting(codebook, weight))!)),
  }));
}

function lookUp(weight: Weight): Operation[] {
  const { part, shape: { bits, groups } } = weight;
  const count = groupCount(groups);
  const first = perGroup(weight, 'first', {
    dtype: 'int32',
    data: () => int32Bytes(Array.from({ length: count }, (_, group) => group * 2 ** bits)),
  });
  const levels = part('levels');
  return [
    ...(count > 1 ? [onOperand('Add', first)] : []),
    {
      op: 'Gather',
      inputs: (value) => [levels, value],
      nodes: [],
      tensors: [{ name: levels, dims: [count * 2 ** bits], dtype: 'float32', data: ({ codebooks }) => allLevels(codebooks, bits) }],
    },
  ];
}

function allLevels(codebooks: StoredCodebook[], bits: number): Uint8Array {
  const levels = new Float32Array(codebooks.length * 2 ** bits);
  codebooks.forEach((codebook, group) => levels.set(storedLevels(codebook, 'float32', 2 ** bits), group * 2 ** bits));
  return new Uint8Array(levels.buffer);
}

/** Undoes what `groupedDims` did to the shape. */
function wholeAgain({ part, shape: { dims, groups } }: Weight): Operation[] {
  if (groupedDims(groups).join() === dims.join()) return [];
  const name = part('dims');
  return [{ op: 'Reshape', inputs: (value) => [value, name], nodes: [], tensors: [int64Tensor(name, dims)] }];
}

function cast(dtype: Weight['shape']['dtype']): Operation {
  return { op: 'Cast', inputs: (value) => [value], attributes: { to: dataTypeCode(dtype) }, nodes: [], tensors: [] };
}

function onOperand(op: string, { value: operand, nodes, tensors }: Computed): Operation {
  return { op, inputs: (value) => [value, operand], nodes, tensors };
}

/** A codebook that does not fit the nodes already promised is a defect, not bad input. */
function fitting(codebook: StoredCodebook, { name, shape: { form, bits, offset } }: Weight): StoredCodebook {
  const { uniform, scaled } = codebook;
  const fits = isGrid(form)
    ? uniform?.kind === form && (fixedZeroPoint(form, bits) ?? uniform.zeroPoint) === uniform.zeroPoint
    : scaled !== undefined;
  if (fits && (offset || (scaled ?? uniform)?.offset === 0)) return codebook;
  throw new CoreError('internal', { tensor: name }, { reason: 'codebook does not fit its encoding' });
}
