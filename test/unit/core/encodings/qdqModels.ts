import { onnx } from 'onnx-proto';
import type { PartialSettings } from '../../../../src/core/plan/layerSettings';
import { buildModel, laplacian, type FixtureModel, type FixtureNode } from '../../../fixtures/modelBuilder';
import { copyOf, type MadeCopy } from '../onnx/copyHelper';

/** A weight, and the node that consumes it. */
export interface Place {
  dims: number[];
  node: FixtureNode;
}

export const MATMUL: Place = { dims: [96, 44], node: { op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] } };
export const UNEVEN: Place = { dims: [71, 45], node: { op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] } };
export const BATCHED: Place = { dims: [3, 40, 24], node: { op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] } };
export const CONV: Place = { dims: [17, 9, 5, 5], node: { op: 'Conv', inputs: ['x', 'w'], outputs: ['y'] } };
/** A scale an index of axis 0; scales along axes 0 and 1; groups of three along axis 0, which DequantizeLinear has no scales for. */
export const DEPTHWISE: Place = transposed([17, 1, 5, 5], 17);
export const CHANNELWISE: Place = transposed([9, 4, 16], 9);
export const GROUPED: Place = transposed([9, 5, 3, 3], 3);
export const LSTM: Place = {
  dims: [2, 48, 25],
  node: { op: 'LSTM', inputs: ['x', 'w', 'r'], outputs: ['y'], attributes: { hidden_size: 12, direction: 'bidirectional' } },
};

function transposed(dims: number[], group: number): Place {
  return { dims, node: { op: 'ConvTranspose', inputs: ['x', 'w'], outputs: ['y'], attributes: { group } } };
}

/** The weight alone has its values: input and output have no shape. */
export function modelOf(
  { dims, node }: Place, opset: number, dtype: 'float32' | 'float16' | 'float64' = 'float32',
): FixtureModel {
  const count = dims.reduce((a, b) => a * b, 1);
  const recurrent = node.op === 'LSTM' ? [{ name: 'r', dims: [2, 48, 12], dtype, data: laplacian(1152, 5) }] : [];
  return {
    opset,
    inputs: [{ name: 'x', dims: [], dtype }],
    outputs: [{ name: 'y', dims: [], dtype }],
    initializers: [{ name: 'w', dims, dtype, data: laplacian(count, 3) }, ...recurrent],
    nodes: [node],
  };
}

export function qdqCopy(model: FixtureModel, settings: PartialSettings): MadeCopy {
  return copyOf(buildModel(model), settings, undefined, { format: 'qdq' });
}

export const formatsOf = ({ plan }: MadeCopy): string[] => plan.size.layers.map(({ format }) => format);

export const proto = (copy: MadeCopy): onnx.ModelProto => onnx.ModelProto.decode(copy.model);

function codesOf(copy: MadeCopy): onnx.ITensorProto {
  return proto(copy).graph!.initializer!.find(({ name }) => /^w\.q\.(codes|\dbits)$/.test(name!))!;
}

const TYPE_NAMES: Record<number, string> = { 2: 'uint8', 3: 'int8', 21: 'uint4', 22: 'int4', 25: 'uint2', 26: 'int2' };
/** The type that the weight's codes are stored in. */
export const containerOf = (copy: MadeCopy): string => TYPE_NAMES[codesOf(copy).dataType!]!;
