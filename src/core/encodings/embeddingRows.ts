import { groupCounts } from '../groups/groups';
import type { NewNode } from '../onnx/protoWriter';
import {
  int32Bytes, int64Tensor, type NewTensor, type StoredCodes, type Weight, type WeightBlueprint, type WeightShape,
} from './blueprint';
import { byteSteps, byteTensor, isUnshifted } from './byteCodes';
import { levelTail, type TailPlace } from './levelTail';
import type { LookupTables } from './lookupTables';
import { codePlanes, unpackedGroups } from './packedCodes';
import { packingOf } from './packing';
import { SLICE_WITH_INPUTS, type Computed, type GroupNumbers } from './perGroup';

/** A Gather of an embedding's rows, by the names of its values. */
export interface RowGather {
  indices: string;
  output: string;
  /** Names values in between. */
  value: (step: string) => string;
}

/** Each row begins with a byte of its own; past this part of a row the padding costs more than it is worth. */
const MOST_PADDING = 1 / 8;

/** Whether the rows of a weight [rows, length] can be packed one by one. */
export function hasPackedRows({ dims, width, opset }: WeightShape): boolean {
  const length = dims[1]!;
  const padding = codesInRow(length, width) - length;
  return padding === 0 || (opset >= SLICE_WITH_INPUTS && padding <= length * MOST_PADDING);
}

/**
 * An embedding [rows, length] of which only the rows that are asked for are ever unpacked: its codes and its groups' numbers
 * are gathered by the same indices, of any rank, and become levels as in `byteCodes` and `packedCodes`. Nothing of it is
 * folded when ONNX Runtime loads the model.
 */
export function embeddingRows(weight: Weight, tables: LookupTables | null, gathers: RowGather[]): WeightBlueprint {
  const made = gathers.map((gather) => {
    const steps = weight.shape.width < 8 ? unpackedRows(weight, tables!, gather) : byteRows(weight, tables, gather);
    const tail = levelTail(weight, steps.value, steps.subtractZeroPoint, rowsPlace(weight, gather));
    return { nodes: [...steps.nodes, ...tail.nodes], tensors: [...steps.tensors, ...tail.tensors] };
  });
  return { nodes: [], tensors: withoutRepeats(made[0]!.tensors), consumers: made.map(({ nodes }) => nodes) };
}

/** Steps or codes […indices, length]. */
type Steps = Computed & { subtractZeroPoint: boolean };

function byteRows(weight: Weight, tables: LookupTables | null, gather: RowGather): Steps {
  const { shape } = weight;
  const codes = byteTensor(weight, shape.dims);
  const rows = rowsOf(codes.name, 'rows', gather);
  const nodes = byteSteps(rows.output, shape, tables, gather.value);
  return {
    value: nodes.at(-1)!.output, nodes: [rows, ...nodes], tensors: [codes], subtractZeroPoint: isUnshifted(shape),
  };
}

function unpackedRows(weight: Weight, tables: LookupTables, gather: RowGather): Steps {
  const { part, shape: { dims, width, form } } = weight;
  const [rows, length] = dims as [number, number];
  const inRow = codesInRow(length, width);
  const planes = codePlanes(weight, [rows, inRow / codesPerByteOfAll(width)], inRow === length ? undefined : (codes) => padded(codes, length, inRow));
  const gathered = planes.map(({ name }, i) => rowsOf(name, `rows${i}`, gather));
  const groups = unpackedGroups(gather.value, gathered.map(({ output }) => output), tables);
  const shaped = reshaped(weight, gather, groups.value);
  const cut = inRow === length ? { value: shaped.value, nodes: [], tensors: [] } : shortened(weight, gather, shaped.value);
  return {
    value: cut.value,
    nodes: [...gathered, ...groups.nodes, ...shaped.nodes, ...cut.nodes],
    tensors: [...planes, int64Tensor(part('row'), [inRow]), ...cut.tensors],
    subtractZeroPoint: form === 'affine',
  };
}

/**
 * […indices, …] becomes […indices, length]. In the shape that Reshape takes, 0 copies a dimension, so that indices of any
 * rank and number will do, none included; their shape less itself is a 0 for each of their axes.
 */
function reshaped({ part }: Weight, { indices, value }: RowGather, input: string): Computed {
  const [places, kept, shape, line] = [value('places'), value('kept'), value('shape'), value('line')];
  return {
    value: line,
    nodes: [
      { op: 'Shape', inputs: [indices], output: places },
      { op: 'Sub', inputs: [places, places], output: kept },
      { op: 'Concat', inputs: [kept, part('row')], output: shape, attributes: { axis: 0 } },
      { op: 'Reshape', inputs: [input, shape], output: line },
    ],
    tensors: [],
  };
}

/** Rows without their padding. */
function shortened({ part, shape: { dims } }: Weight, { value }: RowGather, input: string): Computed {
  const bounds = { start: 0, end: dims[1]!, last: -1 };
  const tensors = Object.entries(bounds).map(([name, bound]) => int64Tensor(part(`row.${name}`), [bound]));
  const cut = value('cut');
  return { value: cut, nodes: [{ op: 'Slice', inputs: [input, ...tensors.map(({ name }) => name)], output: cut }], tensors };
}

function rowsPlace(weight: Weight, gather: RowGather): TailPlace {
  const { output, value } = gather;
  return { output, value, numbers: (operand, of) => rowNumbers(weight, gather, operand, of), last: [] };
}

/** The numbers of the groups in the rows that are asked for: […indices, 1], or […indices, length] where a row has several. */
function rowNumbers({ part, shape: { dims, groups } }: Weight, gather: RowGather, operand: string, of: GroupNumbers): Computed {
  const [rows, blocks] = groupCounts(groups) as [number, number];
  const name = part(operand);
  if (rows * blocks === 1) return { value: name, nodes: [], tensors: [{ name, dims: [], ...of }] };
  const stored: NewTensor<StoredCodes> = { name, dims: [rows, blocks], ...of };
  const gathered = rowsOf(name, `${operand}.rows`, gather);
  if (blocks === 1) return { value: gathered.output, nodes: [gathered], tensors: [stored] };
  const length = dims[1]!;
  const span = groups.spans[1]!;
  const columns: NewTensor<unknown> = {
    name: part('blocks'), dims: [length], dtype: 'int32',
    data: () => int32Bytes(Array.from({ length }, (_, column) => Math.floor(column / span))),
  };
  const value = gather.value(`${operand}.columns`);
  const spread: NewNode = { op: 'Gather', inputs: [gathered.output, columns.name], output: value, attributes: { axis: -1 } };
  return { value, nodes: [gathered, spread], tensors: [stored, columns] };
}

function rowsOf(table: string, step: string, { indices, value }: RowGather): NewNode {
  return { op: 'Gather', inputs: [table, indices], output: value(step) };
}

/** Codes that fill bytes of all planes. */
function codesPerByteOfAll(width: number): number {
  if (width === 8) return 1;
  const { codesPerGroup, groupsPerRow } = packingOf(width);
  return codesPerGroup * groupsPerRow;
}

function codesInRow(length: number, width: number): number {
  const unit = codesPerByteOfAll(width);
  return Math.ceil(length / unit) * unit;
}

/** Each row's codes, and 0 up to `inRow` of them. */
function padded(codes: Uint8Array, length: number, inRow: number): Uint8Array {
  const rows = codes.length / length;
  const all = new Uint8Array(rows * inRow);
  for (let row = 0; row < rows; row++) all.set(codes.subarray(row * length, (row + 1) * length), row * inRow);
  return all;
}

/** Several operands share the numbers of blocks. */
function withoutRepeats(tensors: NewTensor<StoredCodes>[]): NewTensor<StoredCodes>[] {
  return [...new Map(tensors.map((tensor) => [tensor.name, tensor])).values()];
}
