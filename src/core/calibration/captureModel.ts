import { elementCount } from '../onnx/elementCount';
import { onnx } from 'onnx-proto';
import type { ModelFiles } from '../bytes/byteSource';
import { concat } from '../bytes/concat';
import { float32Bytes, int64Bytes } from '../encodings/blueprint';
import type { ModelIndex } from '../onnx/modelIndex';
import { newNames } from '../onnx/newNames';
import type { ModelNetwork, Network, NetworkNode } from '../onnx/network';
import { contentOf, encodeNode, encodeTensorHeader, encodeVarint } from '../onnx/protoWriter';
import { patchAttributes, turnsInputs, type CalibratedLayer, type LayerMatrix } from './layerMatrix';
import { partialGraph, type ReplacedNodes, type ReplacedWeights } from './partialGraph';

/** A model whose outputs are what layers are multiplied by, or sums over it; and which outputs are whose. */
export interface CaptureModel {
  bytes: Uint8Array;
  /** In the order of the layers; one entry a consumer. */
  layers: CaptureOutputs[][];
}

/** Names of outputs, of one run's positions: of products the inputs, of convolutions, which have far more positions, sums over patches. */
export type CaptureOutputs =
  | {
    /** x, float32 [positions, groups, columns]. */
    inputs: string;
  }
  | {
    /** Σ x xᵀ, float32 [groups, columns, columns]. */
    second: string;
    /** E[x], float32 [groups, columns, 1]. */
    first: string;
    /** int64 [groups, columns, positions]. */
    shape: string;
  };

/** ModelProto and FunctionProto fields, as tags (onnx.proto). */
const TAG = { graph: 0x3a, functions: [0xca, 0x01] } as const;
/** The first IR version whose initializers need not be graph inputs. */
const LEAST_IR = 4;
const FLOAT = onnx.TensorProto.DataType.FLOAT;

/**
 * For a model, one that gives its layers' inputs, or second moments of them, while it runs: the nodes and constants that the inputs
 * depend on, byte for byte, and behind each input a few nodes that are ours. Patches of a convolution are cut out by a
 * convolution of the same attributes whose kernels are one-hot, and never leave ONNX Runtime.
 * @param replaced weights that are already quantized, and biases that follow from them
 * @param replacedNodes those that were given a bias
 * @throws CoreError as `partialGraph`
 */
export function captureModel(
  files: ModelFiles, index: ModelIndex, network: ModelNetwork, layers: readonly CalibratedLayer[], replaced: ReplacedWeights,
  replacedNodes: ReplacedNodes = new Map(),
): CaptureModel {
  const names = newNames(index.names);
  const probes = layers.map(({ layer, matrix, nodes }) => nodes.map((node, i) => (
    probe(files, node, layer.dims, matrix, (part) => names(layer.name, `calibration${i}.${part}`))
  )));
  const inputs = layers.flatMap(({ nodes }) => nodes.map((node) => node.inputs[0]!));
  const outputs = probes.flat().flatMap(({ outputs: of }) => ('inputs' in of ? [valueInfo(of.inputs, FLOAT)] : [
    valueInfo(of.second, FLOAT), valueInfo(of.first, FLOAT), valueInfo(of.shape, onnx.TensorProto.DataType.INT64),
  ]));
  const graph = concat([
    ...partialGraph(files, index, network.main, inputs, replaced, replacedNodes),
    ...inputRecords(files, index, network.main),
    ...probes.flat().flatMap(({ records }) => records),
    onnx.GraphProto.encode({ name: 'calibration', output: outputs }).finish(),
  ]);
  const opsetImport = Object.entries(index.opsets).map(([domain, version]) => ({ domain, version }));
  const head = onnx.ModelProto.encode({ irVersion: Math.max(index.irVersion, LEAST_IR), opsetImport }).finish();
  return {
    bytes: concat([head, ...functionRecords(files, index), Uint8Array.of(TAG.graph), encodeVarint(graph.length), graph]),
    layers: probes.map((some) => some.map((each) => each.outputs)),
  };
}

interface Probe {
  records: Uint8Array[];
  outputs: CaptureOutputs;
}

/** Behind one consumer's input. */
function probe(
  files: ModelFiles, node: NetworkNode, dims: number[], matrix: LayerMatrix, part: (name: string) => string,
): Probe {
  const input = part('input');
  const cast = encodeNode({ op: 'Cast', inputs: [node.inputs[0]!], output: input, attributes: { to: FLOAT } });
  const { outputs, records } = node.op === 'Conv'
    ? patchProbe(files, node, input, dims, matrix, part)
    : inputProbe(node, input, matrix, part);
  return { outputs, records: [cast, ...records] };
}

function inputProbe(node: NetworkNode, input: string, { groups, columns }: LayerMatrix, part: (name: string) => string): Probe {
  const outputs = { inputs: part('inputs') };
  const isTurned = turnsInputs(node);
  const rows = isTurned ? part('rows') : input;
  const turn = isTurned ? [encodeNode({ op: 'Transpose', inputs: [input], output: rows, attributes: { perm: [1, 0] } })] : [];
  const [shape, shapeRecords] = shapeConstant(part('shape'), [-1, groups, columns]);
  return { outputs, records: [...turn, ...shapeRecords, encodeNode({ op: 'Reshape', inputs: [rows, shape], output: outputs.inputs })] };
}

/** Patches as columns of all groups, [groups, columns, positions], times themselves. */
function patchProbe(
  files: ModelFiles, node: NetworkNode, input: string, dims: number[], { groups, columns, inputBlocks }: LayerMatrix,
  part: (name: string) => string,
): Probe {
  const [kernels, patches, byGroup, inOrder, vectors, turned] = ['kernels', 'patches', 'groups', 'order', 'x', 'xt'].map(part) as
    [string, string, string, string, string, string];
  const outputs = { second: part('second'), first: part('first'), shape: part('shape') };
  const channels = dims[1]! * (groups / inputBlocks);
  const [groupShape, groupShapeRecords] = shapeConstant(part('groupShape'), [0, groups, columns, -1]);
  const [vectorShape, vectorShapeRecords] = shapeConstant(part('vectorShape'), [groups, columns, -1]);
  return {
    outputs,
    records: [
      ...oneHotKernels(kernels, channels, dims.slice(2)), ...groupShapeRecords, ...vectorShapeRecords,
      patchNode(files, node, [input, kernels], patches, channels),
      encodeNode({ op: 'Reshape', inputs: [patches, groupShape], output: byGroup }),
      encodeNode({ op: 'Transpose', inputs: [byGroup], output: inOrder, attributes: { perm: [1, 2, 0, 3] } }),
      encodeNode({ op: 'Reshape', inputs: [inOrder, vectorShape], output: vectors }),
      encodeNode({ op: 'Transpose', inputs: [vectors], output: turned, attributes: { perm: [0, 2, 1] } }),
      encodeNode({ op: 'MatMul', inputs: [vectors, turned], output: outputs.second }),
      encodeNode({ op: 'GlobalAveragePool', inputs: [vectors], output: outputs.first }),
      encodeNode({ op: 'Shape', inputs: [vectors], output: outputs.shape }),
    ],
  };
}

function shapeConstant(name: string, shape: number[]): [name: string, records: Uint8Array[]] {
  return [name, [encodeTensorHeader({ name, dims: [shape.length], dtype: 'int64' }), int64Bytes(shape)]];
}

/** [channels · kernel, 1, kernel]: output channel c · kernel + k is input channel c at place k of the kernel. */
function oneHotKernels(name: string, channels: number, kernel: number[]): Uint8Array[] {
  const places = elementCount(kernel);
  const hot = new Float32Array(channels * places * places);
  for (let channel = 0; channel < channels * places; channel++) hot[channel * places + (channel % places)] = 1;
  return [encodeTensorHeader({ name, dims: [channels * places, 1, ...kernel], dtype: 'float32' }), float32Bytes(hot)];
}

/** A depthwise convolution that moves as the layer's own does. */
function patchNode(files: ModelFiles, { record }: NetworkNode, input: string[], output: string, group: number): Uint8Array {
  const own = onnx.NodeProto.decode(contentOf(Uint8Array.from(files.main.read(record.offset, record.length))));
  const INT = onnx.AttributeProto.AttributeType.INT;
  const attribute = [...patchAttributes(own), { name: 'group', type: INT, i: group }];
  return onnx.GraphProto.encode({ node: [{ opType: 'Conv', input, output: [output], attribute }] }).finish();
}

function valueInfo(name: string, elemType: number): onnx.IValueInfoProto {
  return { name, type: { tensorType: { elemType } } };
}

/** What the model is given when it runs: all of it, so that inputs keep their order. */
function inputRecords(files: ModelFiles, { scopes }: ModelIndex, { constants }: Network): Uint8Array[] {
  return scopes[0]!.inputs
    .filter(({ name }) => !constants.has(name))
    .map(({ record }) => Uint8Array.from(files.main.read(record.offset, record.length)));
}

function functionRecords(files: ModelFiles, { scopes, messages }: ModelIndex): Uint8Array[] {
  return scopes.filter(({ kind }) => kind === 'function').flatMap(({ message }) => {
    const { offset, length } = messages[message]!.content;
    return [Uint8Array.from(TAG.functions), encodeVarint(length), Uint8Array.from(files.main.read(offset, length))];
  });
}
