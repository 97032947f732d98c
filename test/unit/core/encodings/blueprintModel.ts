import { onnx } from 'onnx-proto';
import { payloadPieces, type Blueprint, type StoredCodes } from '../../../../src/core/encodings/blueprint';
import { encodeNode, encodeTensorHeader, encodeVarint } from '../../../../src/core/onnx/protoWriter';

/** A model that is nothing but blueprints: its output is the value `output`. */
export function blueprintModel(
  tables: Blueprint<void> | null, weight: Blueprint<StoredCodes>, stored: StoredCodes,
  output: string, opset: number, float16: boolean,
): Uint8Array {
  const elemType = float16 ? 10 : 1;
  const graph = Buffer.concat([
    ...(tables?.nodes ?? []).map((node) => encodeNode(node)),
    ...weight.nodes.map((node) => encodeNode(node)),
    ...(tables?.tensors ?? []).flatMap((tensor) => [encodeTensorHeader(tensor), ...payloadPieces(tensor.data())]),
    ...weight.tensors.flatMap((tensor) => [encodeTensorHeader(tensor), ...Array.from(payloadPieces(tensor.data(stored)), (piece) => piece.slice())]),
    onnx.GraphProto.encode({ name: 'graph', output: [{ name: output, type: { tensorType: { elemType } } }] }).finish(),
  ]);
  const head = onnx.ModelProto.encode({ irVersion: 4, opsetImport: [{ domain: '', version: opset }] }).finish();
  return Buffer.concat([head, Uint8Array.of(0x3a), encodeVarint(graph.length), graph]);
}
