import type { ModelFiles } from '../bytes/byteSource';
import { CoreError } from '../errors';
import { isFloatType, type FloatArray } from '../onnx/dataType';
import type { ModelIndex, TensorRecord } from '../onnx/modelIndex';
import type { Network, NetworkNode } from '../onnx/network';
import { encodeTensorHeader, isStoredType } from '../onnx/protoWriter';
import { storedFloats } from '../onnx/storedFloats';

/** Other weights and biases in the place of a model's, by index into `ModelIndex.tensors`. */
export type ReplacedWeights = ReadonlyMap<number, FloatArray>;

/** Other records in the place of nodes, by the offset of the node's own. */
export type ReplacedNodes = ReadonlyMap<number, Uint8Array>;

/**
 * Records of the nodes and constants of the main graph that some values are computed from, as they stand in the file but
 * for what is replaced; external payloads come inside.
 * @throws CoreError `runtime-failed` for external data of a type that cannot be written; and what reading throws
 */
export function partialGraph(
  files: ModelFiles, index: ModelIndex, main: Network, wanted: readonly string[], replaced: ReplacedWeights,
  replacedNodes: ReplacedNodes,
): Uint8Array[] {
  const values = ancestors(main, wanted);
  const records: Uint8Array[] = [];
  for (const node of main.nodes) {
    const constant = main.constants.get(node.outputs[0] ?? '');
    const moves = constant !== undefined && mustBeWritten(index.tensors[constant]!, constant, replaced);
    if (!moves && node.outputs.some((output) => values.has(output))) {
      const { offset, length } = node.record;
      records.push(replacedNodes.get(offset) ?? Uint8Array.from(files.main.read(offset, length)));
    }
  }
  for (const [name, tensor] of main.constants) {
    if (values.has(name)) records.push(...constantRecord(files, index, tensor, replaced));
  }
  return records;
}

/** The names of all values that the wanted ones depend on, these included; a subgraph's outer values, too. */
function ancestors(main: Network, wanted: readonly string[]): Set<string> {
  const values = new Set<string>();
  const open = [...wanted];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (values.has(name)) continue;
    values.add(name);
    const producer = main.producers.get(name);
    if (producer) open.push(...producer.outputs, ...usedNames(producer));
  }
  return values;
}

/** Names that a subgraph's nodes use are taken for outer values: those that are its own are nothing outside. */
function usedNames({ inputs, subgraphs }: NetworkNode): string[] {
  return [...inputs, ...subgraphs.flatMap(({ nodes, outputs }) => [...outputs, ...nodes.flatMap(usedNames)])];
}

function mustBeWritten({ storage }: TensorRecord, tensor: number, replaced: ReplacedWeights): boolean {
  return replaced.has(tensor) || storage.reference !== null;
}

/** A Constant node that stays among the nodes has no record here. */
function constantRecord(files: ModelFiles, index: ModelIndex, tensor: number, replaced: ReplacedWeights): Uint8Array[] {
  const record = index.tensors[tensor]!;
  const { name, dims, dtype, storage, holder } = record;
  const weights = replaced.get(tensor);
  if (weights && isFloatType(dtype)) return [encodeTensorHeader({ name, dims, dtype }), storedFloats(weights, dtype)];
  if (storage.reference === null) {
    return holder === 'constant' ? [] : [Uint8Array.from(files.main.read(record.record.offset, record.record.length))];
  }
  if (!isStoredType(dtype) || holder === 'sparse') {
    throw new CoreError('runtime-failed', { file: index.path, tensor: name }, { message: `external data of type ${dtype}` });
  }
  const source = files.external(storage.file);
  const payload = storage.spans.map(({ offset, length }) => Uint8Array.from(source.read(offset, length)));
  return [encodeTensorHeader({ name, dims, dtype }), ...payload];
}
