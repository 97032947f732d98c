import { dataTypeCode, type NewNode } from '../onnx/protoWriter';
import { isGrid, type Blueprint, type StoredCodes, type Weight } from './blueprint';
import { fixedZeroPoint, levelTail } from './levelTail';
import type { LookupTables } from './lookupTables';
import { groupedDims } from './perGroup';

/**
 * 8 bits: one byte a weight, in ai.onnx 7 and later. A symmetric grid's steps are int8 and need no zero point; others are
 * uint8 codes. Grids: Cast → [Sub →] Mul; unit levels: Cast → Gather of `tables` → Mul; levels of a group's own: Cast →
 * Gather.
 */
export function byteCodes(weight: Weight, tables: LookupTables | null): Blueprint<StoredCodes> {
  const { part, shape: { form, groups } } = weight;
  const signed = form === 'symmetric';
  const to = isGrid(form) ? 'float32' : 'int32';
  const nodes: NewNode[] = [{ op: 'Cast', inputs: [part('codes')], output: part(to), attributes: { to: dataTypeCode(to) } }];
  if (tables) nodes.push({ op: 'Gather', inputs: [tables.steps, part(to)], output: part('steps') });
  const tail = levelTail(weight, nodes.at(-1)!.output, isGrid(form) && !signed);
  return {
    nodes: [...nodes, ...tail.nodes],
    tensors: [
      {
        name: part('codes'),
        dims: groupedDims(groups),
        dtype: signed ? 'int8' : 'uint8',
        data: ({ codes }) => (signed ? steppedBytes(codes, fixedZeroPoint('symmetric', 8)!) : codes),
      },
      ...tail.tensors,
    ],
  };
}

/** k − zero point in two's complement. */
function steppedBytes(codes: Uint8Array, zeroPoint: number): Uint8Array {
  const bytes = new Uint8Array(codes.length);
  for (let i = 0; i < codes.length; i++) bytes[i] = codes[i]! - zeroPoint;
  return bytes;
}
