import { dataTypeCode, type NewNode } from '../onnx/protoWriter';
import { isGrid, type Blueprint, type NewTensor, type StoredCodes, type Weight, type WeightShape } from './blueprint';
import { codePieces, type CodeRun } from './codeRun';
import { codesName } from './codesName';
import { fixedZeroPoint, levelTail } from './levelTail';
import type { LookupTables } from './lookupTables';
import { groupedDims } from './perGroup';

/**
 * One byte a weight, in ai.onnx 7 and later. A symmetric grid's steps are int8 and need no zero point; others are
 * uint8 codes. Grids: Cast → [Sub →] Mul; unit levels: Cast → Gather of `tables` → Mul; levels of a group's own: Cast →
 * Gather.
 */
export function byteCodes(weight: Weight, tables: LookupTables | null): Blueprint<StoredCodes> {
  const { part, shape } = weight;
  const codes = byteTensor(weight, groupedDims(shape.groups));
  const nodes = byteSteps(codes.name, shape, tables, part);
  const tail = levelTail(weight, nodes.at(-1)!.output, isUnshifted(shape));
  return { nodes: [...nodes, ...tail.nodes], tensors: [codes, ...tail.tensors] };
}

/** A byte a weight. */
export function byteTensor(weight: Weight, dims: number[]): NewTensor<StoredCodes> {
  const { form, bits } = weight.shape;
  const signed = form === 'symmetric';
  return {
    name: codesName(weight, 8),
    dims,
    dtype: signed ? 'int8' : 'uint8',
    data: ({ codes }) => (signed ? steppedBytes(codes, fixedZeroPoint('symmetric', bits)!) : codePieces(codes, 1)),
  };
}

/** From bytes to the steps or codes that the tail takes; `part` names them and what lies between. */
export function byteSteps(bytes: string, { form }: WeightShape, tables: LookupTables | null, part: Weight['part']): NewNode[] {
  const to = isGrid(form) ? 'float32' : 'int32';
  const cast: NewNode = { op: 'Cast', inputs: [bytes], output: part(to), attributes: { to: dataTypeCode(to) } };
  return tables ? [cast, { op: 'Gather', inputs: [tables.steps, part(to)], output: part('steps') }] : [cast];
}

/** Whether bytes hold k where the tail takes k − zero point. */
export function isUnshifted({ form }: WeightShape): boolean {
  return isGrid(form) && form !== 'symmetric';
}

/** k − zero point in two's complement. */
function* steppedBytes(codes: CodeRun, zeroPoint: number): Generator<Uint8Array, void> {
  for (const piece of codePieces(codes, 1)) {
    const steps = new Uint8Array(piece.length);
    for (let i = 0; i < piece.length; i++) steps[i] = piece[i]! - zeroPoint;
    yield steps;
  }
}
