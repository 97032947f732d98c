import type { BlueprintSize, WeightBlueprint } from '../encodings/blueprint';
import type { CopyFormat } from '../encodings/copyFormat';
import type { LookupTables } from '../encodings/lookupTables';
import type { LayerSettings } from '../plan/layerSettings';
import type { ExternalEdit, ExternalTensors } from './externalCopy';
import type { Layer } from './layer';
import type { ConsumerNode, ModelIndex, Scope, Span, TensorRecord } from './modelIndex';
import { encodeIrVersion, encodeOpsetImport, externalTensorSize, tensorSize, type Holder, type TensorHeader } from './protoWriter';
import type { Edit } from './splice';

/** The first IR version whose initializers need not be graph inputs: those that are cannot be folded (onnx.proto, IR_VERSION). */
const IR_WITH_OWN_INITIALIZERS = 4;

/** A layer that a copy holds quantized. Its nodes and initializers are made when they are written; their sizes are known. */
export interface EncodedLayer {
  layer: Layer;
  settings: LayerSettings;
  format: CopyFormat;
  size: BlueprintSize;
  blueprint: () => WeightBlueprint;
  /** The first that has the types of its tensors. */
  irVersion: number;
  /** Those that give way to other nodes, and what these take. */
  consumers: { node: ConsumerNode; bytes: number }[];
  /** Present when its codes stand in the copy's external file. */
  external?: ExternalTensors;
}

/** Tables that the weights of one bit width and grid share, wherever below `scope` they stand. */
export interface Kit extends LookupTables {
  /** The main graph or a function: what it holds is seen in all its subgraphs. */
  scope: number;
  size: BlueprintSize;
}

/** A constant of the main graph that a copy holds anew, beside the weights it quantizes. */
export interface NewConstant extends TensorHeader {
  /** What it takes the place of: the record of a tensor, or of the node that it becomes an input of. */
  replaced: Span;
  /** Stands before it: that node with its new input; nothing where a tensor is replaced. */
  head: Uint8Array;
  /** Asked for when it is written. */
  data: () => Uint8Array;
}

/** What takes the place of bytes of the source. */
export type CopyEdit =
  | ExternalEdit
  | (Edit & { kind: 'bytes'; bytes: Uint8Array })
  | (Edit & { kind: 'constant'; constant: NewConstant })
  | (Edit & { kind: 'nodes'; holder: Holder; kits: Kit[]; layers: EncodedLayer[] })
  | (Edit & { kind: 'tables'; holder: Holder; kits: Kit[] })
  | (Edit & { kind: 'weight'; holder: Holder; encoded: EncodedLayer })
  | (Edit & { kind: 'consumer'; holder: Holder; encoded: EncodedLayer; position: number });

/** The changes to the model, its graphs and its functions that put encoded weights in the place of floats. */
export function quantizationEdits(
  index: ModelIndex, chosen: EncodedLayer[], kits: Kit[], constants: readonly NewConstant[],
): CopyEdit[] {
  if (chosen.length === 0) return [];
  const changes = new Map<number, ScopeChange>();
  const changeOf = (scope: number): ScopeChange => {
    const change = changes.get(scope) ?? { layers: [], kits: [] };
    changes.set(scope, change);
    return change;
  };
  for (const kit of kits) changeOf(kit.scope).kits.push(kit);
  for (const encoded of chosen) changeOf(recordOf(index, encoded).scope).layers.push(encoded);
  return [
    ...irVersionEdits(index, chosen),
    ...opsetEdits(index, chosen),
    ...inputEdits(index, [...chosen.map((encoded) => recordOf(index, encoded)), ...constantRecords(index, constants)]),
    ...[...changes].flatMap(([scope, change]) => scopeEdits(index, index.scopes[scope]!, change)),
    ...chosen.flatMap((encoded) => consumerEdits(index, encoded)),
    ...constants.map((constant) => constantEdit(index, constant)),
  ];
}

/** Tensors that constants take the place of. */
export function constantRecords({ tensors }: ModelIndex, constants: readonly NewConstant[]): TensorRecord[] {
  const replaced = new Set(constants.map(({ replaced: { offset } }) => offset));
  return tensors.filter(({ record, holder }) => holder !== 'computed' && replaced.has(record.offset));
}

/** What comes into one scope. */
interface ScopeChange {
  layers: EncodedLayer[];
  kits: Kit[];
}

/**
 * Nodes must be in topological order. New ones of a graph come first in it, since they depend on initializers alone; in a
 * function they follow the Constant nodes that take the weight's place.
 */
function scopeEdits(index: ModelIndex, { kind, message }: Scope, { layers, kits }: ScopeChange): CopyEdit[] {
  const start = index.messages[message]!.content.offset;
  if (kind === 'function') {
    return [
      ...sharedEdits(message, start, kits, [], 'function'),
      ...layers.flatMap((encoded) => functionWeightEdits(message, recordOf(index, encoded).record, encoded)),
    ];
  }
  return [
    ...sharedEdits(message, start, kits, layers, 'graph'),
    ...layers.map((encoded) => weightEdit(message, recordOf(index, encoded).record, encoded, 'graph')),
  ];
}

function sharedEdits(message: number, offset: number, kits: Kit[], layers: EncodedLayer[], holder: Holder): CopyEdit[] {
  const span = { offset, length: 0 };
  const length = kits.reduce((sum, { size }) => sum + size.tensors, 0);
  return [{ kind: 'tables', message, span, length, holder, kits }, nodesEdit(message, offset, kits, layers, holder)];
}

function nodesEdit(message: number, offset: number, kits: Kit[], layers: EncodedLayer[], holder: Holder): CopyEdit {
  const length = [...kits, ...layers].reduce((sum, { size }) => sum + size.nodes, 0);
  return { kind: 'nodes', message, span: { offset, length: 0 }, length, holder, kits, layers };
}

function functionWeightEdits(message: number, record: Span, encoded: EncodedLayer): CopyEdit[] {
  const behind = record.offset + record.length;
  return [weightEdit(message, record, encoded, 'function'), nodesEdit(message, behind, [], [encoded], 'function')];
}

/** New tensors take the place of the weight's record. */
function weightEdit(message: number, span: Span, encoded: EncodedLayer, holder: Holder): CopyEdit {
  return { kind: 'weight', message, span, length: recordBytes(encoded), holder, encoded };
}

function consumerEdits(index: ModelIndex, encoded: EncodedLayer): CopyEdit[] {
  return encoded.consumers.map(({ node, bytes: length }, position) => {
    const { kind, message } = index.scopes[node.scope]!;
    const holder = kind === 'function' ? 'function' : 'graph';
    return { kind: 'consumer', message, span: node.record, length, holder, encoded, position };
  });
}

/** The main graph is the first scope. */
function constantEdit({ scopes }: ModelIndex, constant: NewConstant): CopyEdit {
  const length = constant.head.length + tensorSize(constant);
  return { kind: 'constant', message: scopes[0]!.message, span: constant.replaced, length, constant };
}

/** What the layer's new tensors take in the model file. */
export function recordBytes({ size, external, blueprint }: EncodedLayer): number {
  if (!external) return size.tensors;
  return blueprint().tensors.reduce((sum, tensor) => {
    const payload = external.get(tensor.name);
    return sum + (payload ? externalTensorSize(tensor, payload) : tensorSize(tensor));
  }, 0);
}

function recordOf(index: ModelIndex, { layer }: EncodedLayer): TensorRecord {
  return index.tensors[layer.tensor]!;
}

/** Operators of com.microsoft need its version stated. */
function opsetEdits(index: ModelIndex, chosen: EncodedLayer[]): CopyEdit[] {
  if ('com.microsoft' in index.opsets || !chosen.some(({ format }) => format === 'fast')) return [];
  return [bytesEdit(modelMessage(index), { offset: 0, length: 0 }, encodeOpsetImport('com.microsoft', 1))];
}

function modelMessage(index: ModelIndex): number {
  return index.messages.findIndex(({ parent }) => parent === null);
}

function irVersionEdits(index: ModelIndex, chosen: EncodedLayer[]): CopyEdit[] {
  const needed = chosen.reduce((version, { irVersion }) => Math.max(version, irVersion), IR_WITH_OWN_INITIALIZERS);
  if (index.irVersion >= needed) return [];
  const span = index.irVersionRecord ?? { offset: 0, length: 0 };
  return [bytesEdit(modelMessage(index), span, encodeIrVersion(needed))];
}

/** Whether initializers stop being graph inputs. */
function freesInitializers(index: ModelIndex): boolean {
  return index.irVersion < IR_WITH_OWN_INITIALIZERS;
}

/**
 * Entries of graph.input that must go: a replaced weight's would stay a required input, and once the IR version is
 * raised any initializer's would make it overridable, which keeps ONNX Runtime from folding it.
 */
function inputEdits(index: ModelIndex, replaced: TensorRecord[]): CopyEdit[] {
  const dropped = index.scopes.map(() => new Set<string>());
  const isInitializer = ({ holder }: TensorRecord): boolean => holder === 'initializer' || holder === 'sparse';
  const gone = freesInitializers(index) ? index.tensors.filter(isInitializer) : replaced;
  for (const { name, scope } of gone) dropped[scope]!.add(name);
  return index.scopes.flatMap(({ inputs, message }, scope) => (
    inputs.filter(({ name }) => dropped[scope]!.has(name)).map(({ record }) => bytesEdit(message, record, new Uint8Array(0)))
  ));
}

function bytesEdit(message: number, span: Span, bytes: Uint8Array): CopyEdit {
  return { kind: 'bytes', message, span, length: bytes.length, bytes };
}
