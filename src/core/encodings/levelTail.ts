import { groupCount } from '../groups/groups';
import { CoreError } from '../errors';
import { dataTypeCode, type NewNode } from '../onnx/protoWriter';
import type { StoredCodebook, UniformGrid } from '../quantizers/codebook';
import { float32Bytes, int32Bytes, int64Tensor, isGrid, type Blueprint, type StoredCodes, type Weight } from './blueprint';
import type { CodebookList } from './codebookList';
import { groupedDims, perGroup, type Computed, type GroupNumbers } from './perGroup';
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

/** Where steps become levels: how they and each group's numbers are laid out there, and what values are called. */
export interface TailPlace {
  /** The last node's output. */
  output: string;
  /** Names the other nodes' outputs. */
  value: (step: string) => string;
  /** The numbers of all groups, in a shape that broadcasts over the steps. */
  numbers: (operand: string, numbers: GroupNumbers) => Computed;
  /** From the shape of the steps to that of the output. */
  last: Operation[];
}

function wholeWeight(weight: Weight): TailPlace {
  return {
    output: weight.name,
    value: weight.part,
    numbers: (operand, numbers) => perGroup(weight, operand, numbers),
    last: wholeAgain(weight),
  };
}

/**
 * From codes or steps, shaped as `groupedDims` unless `place` says otherwise, to the weight. ONNX Runtime rounds to float32
 * after each node; Mul and Add of float16 are not folded by it and round differently, hence the Cast to the weight's type
 * comes last.
 * - a grid: [Sub zero point,] Mul scale [, Add offset], of float32 steps k − zero point, or k when `subtractZeroPoint`
 * - unit levels: Mul scale [, Add offset], of float32 unit levels
 * - levels of a group's own: [Add the place of the group's levels,] Gather of levels, of int32 codes
 */
export function levelTail(
  weight: Weight, input: string, subtractZeroPoint: boolean, place = wholeWeight(weight),
): Blueprint<StoredCodes> {
  const { shape } = weight;
  const operations = [
    ...(shape.form === 'free' ? lookUp(weight, place) : scale(weight, subtractZeroPoint, place)),
    ...place.last,
    ...(shape.dtype === 'float32' ? [] : [cast(shape.dtype)]),
  ];
  const nodes: NewNode[] = [];
  let value = input;
  for (const [i, { op, inputs, attributes, nodes: before }] of operations.entries()) {
    const output = i === operations.length - 1 ? place.output : place.value(op.toLowerCase());
    nodes.push(...before, { op, inputs: inputs(value), output, ...(attributes && { attributes }) });
    value = output;
  }
  return { nodes, tensors: operations.flatMap(({ tensors }) => tensors) };
}

function scale(weight: Weight, subtractZeroPoint: boolean, { numbers }: TailPlace): Operation[] {
  const by = (op: string, operand: string, of: (codebook: StoredCodebook) => number | undefined): Operation => (
    onOperand(op, numbers(operand, {
      dtype: 'float32',
      data: ({ codebooks }) => float32Bytes(codebooks.map((codebook) => of(fitting(codebook, weight))!)),
    }))
  );
  const zero = sharedZeroPoint(weight);
  return [
    ...(subtractZeroPoint ? [zero ? onOperand('Sub', zero) : by('Sub', 'zero', ({ uniform }) => uniform?.zeroPoint)] : []),
    by('Mul', 'scale', ({ scaled, uniform }) => (scaled ?? uniform)?.scale),
    ...(weight.shape.offset ? [by('Add', 'offset', ({ scaled, uniform }) => (scaled ?? uniform)?.offset)] : []),
  ];
}

/** One number for all groups, where the grid fixes it. */
function sharedZeroPoint({ part, shape: { form, bits } }: Weight): Computed | null {
  const zeroPoint = isGrid(form) ? fixedZeroPoint(form, bits) : null;
  if (zeroPoint === null) return null;
  const name = part('zero');
  return { value: name, nodes: [], tensors: [{ name, dims: [], dtype: 'float32', data: () => float32Bytes([zeroPoint]) }] };
}

function lookUp({ part, shape: { bits, groups } }: Weight, { numbers }: TailPlace): Operation[] {
  const count = groupCount(groups);
  const first = numbers('first', {
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

function allLevels(codebooks: CodebookList, bits: number): Uint8Array {
  const levels = new Float32Array(codebooks.length * 2 ** bits);
  let at = 0;
  for (const codebook of codebooks) levels.set(storedLevels(codebook, 'float32', 2 ** bits), (at += 2 ** bits) - 2 ** bits);
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
export function fitting(codebook: StoredCodebook, { name, shape: { form, bits, offset } }: Weight): StoredCodebook {
  const { uniform, scaled } = codebook;
  const fits = isGrid(form)
    ? uniform?.kind === form && (fixedZeroPoint(form, bits) ?? uniform.zeroPoint) === uniform.zeroPoint
    : scaled !== undefined;
  if (fits && (offset || (scaled ?? uniform)?.offset === 0)) return codebook;
  throw new CoreError('internal', { tensor: name }, { reason: 'codebook does not fit its encoding' });
}
