import { float32Bytes, int32Bytes, int64Tensor, type Blueprint } from './blueprint';
import { indicesPerByte, packingOf, type Plane } from './packing';

/** What the tables of weights hold for each code. */
export interface TableValues {
  /** What the tables are called, by what they hold. */
  name: string;
  bits: number;
  dtype: 'float32' | 'int32';
  /** By code; those past the end are never used. */
  values: ArrayLike<number>;
}

/** The tables by which all weights of one bit width and form are unpacked, shared by them. */
export interface LookupTables {
  /** [2^index bits, codesPerGroup]: values of a group; at 8 bits [256]. */
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
 * `name` makes names of their own for the tables' values. A table is written as two halves that the graph adds up,
 * [1, 2^h, n] and [2^h, 1, n], so that 64 KB take 2 KB on disk. One of each pair is 0, so that sums are exact whatever the
 * values; ONNX Runtime folds them when it loads the model.
 */
export function lookupTables({ bits, dtype, values }: TableValues, name: (part: string) => string): LookupTables {
  if (bits === 8) return byteTable(dtype, values, name('steps'));
  const packing = packingOf(bits);
  const steps = table(name, 'steps', {
    values: packing.codesPerGroup,
    width: bits,
    rowDims: [packing.codesPerGroup],
    dtype,
    map: (code) => values[code] ?? 0,
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

function byteTable(dtype: TableValues['dtype'], values: ArrayLike<number>, name: string): LookupTables {
  const all = Array.from({ length: 256 }, (_, code) => values[code] ?? 0);
  const data = () => bytesOf(dtype, all);
  return { steps: name, uppers: [], blueprint: { nodes: [], tensors: [{ name, dims: [256], dtype, data }] } };
}

function bytesOf(dtype: TableValues['dtype'], values: number[]): Uint8Array {
  return dtype === 'float32' ? float32Bytes(values) : int32Bytes(values);
}

interface TableSpec {
  /** Fields of `width` bits, lowest first, that make up the table's index: an even number. */
  values: number;
  width: number;
  rowDims: number[];
  dtype: TableValues['dtype'];
  map: (field: number) => number;
}

function upperTable(plane: Plane): TableSpec {
  const values = indicesPerByte(plane);
  return { values, width: plane.width, rowDims: groupDims(values), dtype: 'int32', map: (field) => field << plane.shift };
}

function table(name: (part: string) => string, part: string, spec: TableSpec): { name: string; blueprint: Blueprint<void> } {
  const { values, width, dtype } = spec;
  const size = 2 ** ((width * values) / 2);
  const [low, high, sum, shape] = [name(`${part}.low`), name(`${part}.high`), name(`${part}.sum`), name(`${part}.shape`)];
  return {
    name: name(part),
    blueprint: {
      nodes: [
        { op: 'Add', inputs: [low, high], output: sum },
        { op: 'Reshape', inputs: [sum, shape], output: name(part) },
      ],
      tensors: [
        { name: low, dims: [1, size, values], dtype, data: () => bytesOf(dtype, half(spec, 0)) },
        { name: high, dims: [size, 1, values], dtype, data: () => bytesOf(dtype, half(spec, values / 2)) },
        int64Tensor(shape, [-1, ...spec.rowDims]),
      ],
    },
  };
}

/** Rows by the bits of half the fields, from `first` on; the other half's columns are 0. */
function half({ values, width, map }: TableSpec, first: number): number[] {
  const count = values / 2;
  const rows: number[] = [];
  for (let index = 0; index < 2 ** (width * count); index++) {
    for (let column = 0; column < values; column++) {
      const field = column - first;
      rows.push(field >= 0 && field < count ? map((index >> (width * field)) & (2 ** width - 1)) : 0);
    }
  }
  return rows;
}
