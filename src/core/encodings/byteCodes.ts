import { dataTypeCode } from '../onnx/protoWriter';
import type { Blueprint, StoredCodes, Weight } from './blueprint';
import { fixedZeroPoint, gridTail } from './gridTail';

/**
 * 8 bits: one byte a weight. A symmetric grid's steps are int8 and need no zero point; others are uint8 codes.
 * Cast → [Sub →] Mul, in ai.onnx 7 and later.
 */
export function byteCodes(weight: Weight): Blueprint<StoredCodes> {
  const { part, shape } = weight;
  const signed = shape.grid === 'symmetric';
  const steps = part('float');
  const tail = gridTail(weight, steps, !signed);
  return {
    nodes: [{ op: 'Cast', inputs: [part('codes')], output: steps, attributes: { to: dataTypeCode('float32') } }, ...tail.nodes],
    tensors: [
      {
        name: part('codes'),
        dims: shape.dims,
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
