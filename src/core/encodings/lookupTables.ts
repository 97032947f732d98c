import { dataTypeCode, type NewNode } from '../onnx/protoWriter';
import { float32Bytes, int32Bytes, int64Tensor, type Blueprint, type NewTensor } from './blueprint';
import { indicesPerByte, packingOf, type Plane } from './packing';

/** What the tables of weights hold for each code. */
export interface TableValues {
  /** What the tables are called, by what they hold. */
  name: string;
  /** Bits that a code is packed in. */
  width: number;
  dtype: 'float32' | 'int32' | 'uint8';
  /** Codes from here on are never used. */
  codes: number;
  value: (code: number) => number;
}

/** The tables by which all weights of one form, packed in one number of bits, are unpacked: they share them. */
export interface LookupTables {
  /** [2^index bits, codesPerGroup]: values of a group; at 8 bits [codes]. */
  steps: string;
  /** int32 by plane above the byte plane, [256, …indices]: an index's upper bits in place. */
  uppers: string[];
  blueprint: Blueprint<void>;
}

/** Dimensions of the groups of a row, or of the indices in a byte: four are 2 × 2, so that no plane needs a Reshape. */
export function groupDims(groups: number): number[] {
  return groups === 4 ? [2, 2] : groups === 2 ? [2] : [];
}

/**
 * `name` makes names of their own for the tables' values. A table is written as addends that the graph adds up, each for
 * some fields of the index, such as [1, 2^h, n] and [2^h, 1, n], so that 64 KB take half a KB on disk. In each column all but
 * one of them are 0, so that sums are exact whatever the values; ONNX Runtime folds them when it loads the model.
 */
export function lookupTables({ width, dtype, codes, value }: TableValues, name: (part: string) => string): LookupTables {
  const valueOf = (code: number): number => (code < codes ? value(code) : 0);
  if (dtype === 'uint8') return asBytes(lookupTables({ name: '', width, dtype: 'int32', codes, value }, name), name);
  if (width === 8) return byteTable(dtype, Array.from({ length: codes }, (_, code) => valueOf(code)), name('steps'));
  const packing = packingOf(width);
  const steps = table(name, 'steps', {
    values: packing.codesPerGroup,
    width,
    rowDims: [packing.codesPerGroup],
    dtype,
    map: valueOf,
  });
  const uppers = packing.planes.slice(1).map((plane) => table(name, `upper${plane.width}`, upperTable(plane)));
  return {
    steps: steps.name,
    uppers: uppers.map((upper) => upper.name),
    blueprint: {
      nodes: [steps, ...uppers].flatMap(({ blueprint }) => blueprint.nodes),
      tensors: [steps, ...uppers].flatMap(({ blueprint }) => blueprint.tensors),
    },
  };
}

/** Entries as bytes, cast once: the operators that add tables up take no bytes before ai.onnx 14. */
function asBytes({ steps, uppers, blueprint: { nodes, tensors } }: LookupTables, name: (part: string) => string): LookupTables {
  const output = name('bytes');
  const cast: NewNode = { op: 'Cast', inputs: [steps], output, attributes: { to: dataTypeCode('uint8') } };
  return { steps: output, uppers, blueprint: { nodes: [...nodes, cast], tensors } };
}

type SummedType = Exclude<TableValues['dtype'], 'uint8'>;

function byteTable(dtype: SummedType, values: number[], name: string): LookupTables {
  const data = () => bytesOf(dtype, values);
  return { steps: name, uppers: [], blueprint: { nodes: [], tensors: [{ name, dims: [values.length], dtype, data }] } };
}

function bytesOf(dtype: SummedType, values: number[]): Uint8Array {
  return dtype === 'float32' ? float32Bytes(values) : int32Bytes(values);
}

interface TableSpec {
  /** Fields of `width` bits, lowest first, that make up the table's index: an even number. */
  values: number;
  width: number;
  rowDims: number[];
  dtype: SummedType;
  map: (field: number) => number;
}

function upperTable(plane: Plane): TableSpec {
  const values = indicesPerByte(plane);
  return { values, width: plane.width, rowDims: groupDims(values), dtype: 'int32', map: (field) => field << plane.shift };
}

/** About what an initializer and an Add take besides the payload. */
const ADDEND_BYTES = 150;

function table(name: (part: string) => string, part: string, spec: TableSpec): { name: string; blueprint: Blueprint<void> } {
  const { values, width, dtype } = spec;
  const count = addendCount(spec);
  const rows = 2 ** ((width * values) / count);
  const shape = name(`${part}.shape`);
  const addends = Array.from({ length: count }, (_, i): NewTensor<void> => ({
    name: name(`${part}.${i}`),
    dims: [...Array.from({ length: count }, (__, axis) => (axis === count - 1 - i ? rows : 1)), values],
    dtype,
    data: () => bytesOf(dtype, addend(spec, i, values / count)),
  }));
  const nodes: NewNode[] = [];
  let sum = addends[0]!.name;
  for (const [i, { name: next }] of addends.slice(1).entries()) {
    const output = name(`${part}.sum${i}`);
    nodes.push({ op: 'Add', inputs: [sum, next], output });
    sum = output;
  }
  return {
    name: name(part),
    blueprint: {
      nodes: [...nodes, { op: 'Reshape', inputs: [sum, shape], output: name(part) }],
      tensors: [...addends, int64Tensor(shape, [-1, ...spec.rowDims])],
    },
  };
}

/** Two, or one for each field where that is smaller. */
function addendCount({ values, width }: TableSpec): number {
  const bytes = (count: number): number => count * (2 ** ((width * values) / count) * values * 4 + ADDEND_BYTES);
  return bytes(values) < bytes(2) ? values : 2;
}

/** Rows by the bits of the `position`th `count` fields; the others' columns are 0. */
function addend({ values, width, map }: TableSpec, position: number, count: number): number[] {
  const rows: number[] = [];
  for (let index = 0; index < 2 ** (width * count); index++) {
    for (let column = 0; column < values; column++) {
      const field = column - position * count;
      rows.push(field >= 0 && field < count ? map((index >> (width * field)) & (2 ** width - 1)) : 0);
    }
  }
  return rows;
}
