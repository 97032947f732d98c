import { throwIfCancelled, type CancelSignal } from '../job';
import type { NewNode } from '../onnx/protoWriter';
import { sliceRanges } from '../statistics/cancelSlices';
import {
  float32Bytes, int64Tensor, type Blueprint, type NewTensor, type StoredCodes, type Weight, type WeightBlueprint,
} from './blueprint';
import { allCodes } from './codeRun';
import { codesName } from './codesName';
import { fitting } from './levelTail';
import type { LookupTables, TableValues } from './lookupTables';
import { codePlanes, unpackedGroups } from './packedCodes';
import { packFields, packingOf, rowsFor } from './packing';
import { fieldBits, fieldValues, type NBitsForm } from './nBitsForm';

/** A product with the weight, by the names of its values. */
export interface Product {
  left: string;
  /** Added to it; null without. */
  bias: string | null;
  output: string;
  /** Names values in between. */
  value: (step: string) => string;
}

/** Activations are rounded to 8 bits, each block with a scale of its own (ContribOperators.md, MatMulNBits). */
const INT8_ACTIVATIONS = 4;

/** What the tables hold that unpack codes of `width` bits to bytes; null where MatMulNBits takes the codes themselves. */
export function byteTableValues(form: NBitsForm, kind: string, width: number): TableValues | null {
  const bits = fieldBits(form, width);
  if (bits === width) return null;
  const values = fieldValues(form, bits);
  return { name: `${kind}-bytes-${width}bit`, width, dtype: 'uint8', codes: values.length, value: (code) => values[code]! };
}

/**
 * A weight of matrix products that MatMulNBits (com.microsoft 1) takes as codes in the order of the outputs, with a scale a
 * block. Codes of 2, 4 and 8 bits are taken as they are and never unpacked; others become bytes when the model is loaded.
 */
export function matMulNBits(weight: Weight, form: NBitsForm, tables: LookupTables | null, products: Product[]): WeightBlueprint {
  const bits = fieldBits(form, weight.shape.width);
  const fields = tables ? unpackedFields(weight, form, tables) : storedFields(weight, form, bits);
  const numbers = [fields, scales(weight, form), ...(form.zeroPoints ? [zeroPoints(weight, form, bits)] : [])];
  const operands = numbers.map(({ value }) => value);
  return {
    nodes: numbers.flatMap(({ nodes }) => nodes),
    tensors: numbers.flatMap(({ tensors }) => tensors),
    consumers: products.map((product) => productNodes(product, form, operands, bits)),
  };
}

type Operand = Blueprint<StoredCodes> & { value: string };

function productNodes({ left, bias, output, value }: Product, form: NBitsForm, operands: string[], bits: number): NewNode[] {
  const product = bias === null ? output : value('product');
  const attributes = {
    K: form.inputs, N: form.outputs, bits, block_size: form.blockSize, accuracy_level: INT8_ACTIVATIONS,
  };
  return [
    { op: 'MatMulNBits', domain: 'com.microsoft', inputs: [left, ...operands], output: product, attributes },
    ...(bias === null ? [] : [{ op: 'Add', inputs: [product, bias], output }]),
  ];
}

/** Says whether the weight was stored in this order, so that a copy opened again shows it as it was. */
function fieldsSuffix({ transposed }: NBitsForm): '' | 'T' {
  return transposed ? '' : 'T';
}

/** [outputs, blocks, bytes of a block]. */
function storedFields(weight: Weight, form: NBitsForm, bits: number): Operand {
  const name = codesName(weight, bits, fieldsSuffix(form));
  const values = Uint8Array.from(fieldValues(form, bits));
  const tensor: NewTensor<StoredCodes> = {
    name,
    dims: [form.outputs, blockCount(form), (form.blockSize * bits) / 8],
    dtype: 'uint8',
    data: ({ codes, signal }) => packFields(arranged(allCodes(codes).map((code) => values[code]!), form, signal), bits, signal),
  };
  return { value: name, nodes: [], tensors: [tensor] };
}

/** The same, a byte a weight, looked up when the model is loaded. */
function unpackedFields(weight: Weight, form: NBitsForm, tables: LookupTables): Operand {
  const { part, shape: { width } } = weight;
  const weights = form.outputs * blockCount(form) * form.blockSize;
  const planes = codePlanes(weight, [rowsFor(packingOf(width), weights)], (codes, signal) => arranged(codes, form, signal));
  const groups = unpackedGroups(part, planes.map(({ name }) => name), tables);
  const [value, shape] = [part(`codes${fieldsSuffix(form)}`), part('shape')];
  return {
    value,
    nodes: [...groups.nodes, { op: 'Reshape', inputs: [groups.value, shape], output: value }],
    tensors: [...planes, int64Tensor(shape, [form.outputs, blockCount(form), form.blockSize])],
  };
}

/** Output by output, each padded to whole blocks. @throws CoreError `cancelled` */
function arranged(codes: Uint8Array, form: NBitsForm, signal?: CancelSignal): Uint8Array {
  const { inputs, outputs, transposed } = form;
  const length = blockCount(form) * form.blockSize;
  const rows = new Uint8Array(outputs * length);
  const [outputStride, inputStride] = transposed ? [inputs, 1] : [1, outputs];
  for (const [start, end] of sliceRanges(codes.length)) {
    throwIfCancelled(signal);
    for (let i = start; i < end; i++) {
      rows[(Math.floor(i / outputStride) % outputs) * length + (Math.floor(i / inputStride) % inputs)] = codes[i]!;
    }
  }
  return rows;
}

function scales(weight: Weight, form: NBitsForm): Operand {
  return perBlock(weight, form, 'scale', blockCount(form), form.groups[1], {
    dtype: 'float32',
    data: (stored) => float32Bytes(byOutput(stored, form, ({ codebooks }, group) => {
      const { scaled, uniform } = fitting(codebooks.get(group), weight);
      return Math.fround((scaled ?? uniform)!.scale) / form.scaleDivisor;
    })),
  });
}

/** As wide as the fields, those of an output's blocks side by side from a byte's lowest bits on. */
function zeroPoints(weight: Weight, form: NBitsForm, bits: number): Operand {
  const bytes = (blocks: number): number => Math.ceil((blocks * bits) / 8);
  const [outputs, blocks] = form.groups;
  const inRow = (bytes(blocks) * 8) / bits;
  return perBlock(weight, form, 'zero', bytes(blockCount(form)), bytes(blocks), {
    dtype: 'uint8',
    data(stored) {
      const zeros = byOutput(stored, form, ({ codebooks }, group) => fitting(codebooks.get(group), weight).uniform!.zeroPoint);
      const fields = Uint8Array.from({ length: outputs * inRow }, (_, at) => {
        const [output, block] = [Math.floor(at / inRow), at % inRow];
        // One for all blocks fills a byte, which is then repeated.
        return blocks === 1 ? zeros[output]! : block < blocks ? zeros[output * blocks + block]! : 0;
      });
      return packFields(fields, bits);
    },
  });
}

/** Numbers of the codebooks, output by output. */
function byOutput(
  stored: StoredCodes, { groups: [outputs, blocks], transposed }: NBitsForm, of: (stored: StoredCodes, group: number) => number,
): number[] {
  return Array.from({ length: outputs * blocks }, (_, at) => {
    const [output, block] = [Math.floor(at / blocks), at % blocks];
    return of(stored, transposed ? at : block * outputs + output);
  });
}

/** Numbers [outputs, columns], stored once where they are the same along an axis. */
function perBlock(
  { part }: Weight, { outputs, groups }: NBitsForm, operand: string, columns: number, stored: number,
  of: Pick<NewTensor<StoredCodes>, 'dtype' | 'data'>,
): Operand {
  const name = part(operand);
  const tensor: NewTensor<StoredCodes> = { name, dims: [groups[0], stored], ...of };
  if (groups[0] === outputs && stored === columns) return { value: name, nodes: [], tensors: [tensor] };
  const [value, repeats] = [part(`${operand}s`), part(`${operand}.repeats`)];
  return {
    value,
    nodes: [{ op: 'Tile', inputs: [name, repeats], output: value }],
    tensors: [tensor, int64Tensor(repeats, [outputs / groups[0], columns / stored])],
  };
}

function blockCount({ inputs, blockSize }: NBitsForm): number {
  return Math.ceil(inputs / blockSize);
}
