import { throwIfCancelled } from '../job';
import { bitsPerElement } from '../onnx/dataType';
import { dataTypeCode, type NewNode } from '../onnx/protoWriter';
import { sliceRanges } from '../statistics/cancelSlices';
import { float32Bytes, type Blueprint, type NewTensor, type Payload, type StoredCodes, type Weight } from './blueprint';
import { allCodes } from './codeRun';
import { codesName } from './codesName';
import type { Container, DequantizeForm } from './dequantizeForm';
import { fitting } from './levelTail';
import { packFields } from './packing';

/** DequantizeLinear → the weight, cast to its type where that is not float32: ONNX Runtime's value is the stored level. */
export function dequantizeLinear(weight: Weight, form: DequantizeForm): Blueprint<StoredCodes> {
  const { name, part, shape } = weight;
  const { container: { dtype }, attributes, scaleDims, scaleDivisor } = form;
  const scales = ({ codebooks }: StoredCodes) => float32Bytes(codebooks.map((codebook) => {
    const { scaled, uniform } = fitting(codebook, weight);
    return Math.fround((scaled ?? uniform)!.scale) / scaleDivisor;
  }));
  const zeros = ({ codebooks }: StoredCodes) => (
    packed(Uint8Array.from(codebooks.map((codebook) => fitting(codebook, weight).uniform?.zeroPoint ?? 0)), form.container)
  );
  const tensors: NewTensor<StoredCodes>[] = [
    { name: codesName(weight, bitsPerElement(dtype)), dims: shape.dims, dtype, data: (stored) => storedIntegers(stored, form) },
    { name: part('scale'), dims: scaleDims, dtype: 'float32', data: scales },
  ];
  if (form.zeroPoints) tensors.push({ name: part('zero'), dims: scaleDims, dtype, data: zeros });
  const inputs = tensors.map((tensor) => tensor.name);
  if (shape.dtype === 'float32') return { nodes: [{ op: 'DequantizeLinear', inputs, output: name, attributes }], tensors };
  const float32 = part('float32');
  const nodes: NewNode[] = [
    { op: 'DequantizeLinear', inputs, output: float32, attributes },
    { op: 'Cast', inputs: [float32], output: name, attributes: { to: dataTypeCode(shape.dtype) } },
  ];
  return { nodes, tensors };
}

/** @throws CoreError `cancelled` */
function storedIntegers({ codes: run, signal }: StoredCodes, { integers, container }: DequantizeForm): Payload {
  const codes = allCodes(run);
  const mask = 2 ** bitsPerElement(container.dtype) - 1;
  const fields = new Uint8Array(codes.length);
  for (const [start, end] of sliceRanges(codes.length)) {
    throwIfCancelled(signal);
    for (let i = start; i < end; i++) fields[i] = integers[codes[i]!]! & mask;
  }
  return packed(fields, container, signal);
}

/** Integers below 8 bits share bytes, the first in the lowest bits (onnx.proto, TensorProto.raw_data). */
function packed(fields: Uint8Array, { dtype }: Container, signal?: StoredCodes['signal']): Payload {
  return packFields(fields, bitsPerElement(dtype), signal);
}
