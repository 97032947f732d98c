import type { Blueprint, BlueprintSize, StoredCodes } from '../encodings/blueprint';
import type { LookupTables } from '../encodings/lookupTables';
import type { LayerSettings } from '../plan/layerSettings';
import type { ExternalEdit } from './externalCopy';
import type { Layer } from './layer';
import type { ModelIndex, Span, TensorRecord } from './modelIndex';
import { encodeIrVersion } from './protoWriter';
import type { Edit } from './splice';

/** The first IR version whose initializers need not be graph inputs: those that are cannot be folded (onnx.proto, IR_VERSION). */
const IR_WITH_OWN_INITIALIZERS = 4;

/** A layer that a copy holds quantized. Its nodes and initializers are made when they are written; their sizes are known. */
export interface EncodedLayer {
  layer: Layer;
  settings: LayerSettings;
  size: BlueprintSize;
  blueprint: () => Blueprint<StoredCodes>;
}

/** Tables that the weights of one bit width and grid share. */
export interface Kit extends LookupTables {
  size: BlueprintSize;
}

/** What takes the place of bytes of the source. */
export type CopyEdit =
  | ExternalEdit
  | (Edit & { kind: 'bytes'; bytes: Uint8Array })
  | (Edit & { kind: 'nodes'; kits: Kit[]; layers: EncodedLayer[] })
  | (Edit & { kind: 'tables'; kits: Kit[] })
  | (Edit & { kind: 'weight'; encoded: EncodedLayer });

/** The changes to the model and its main graph that put encoded weights in the place of floats. */
export function quantizationEdits(index: ModelIndex, chosen: EncodedLayer[], kits: Kit[]): CopyEdit[] {
  if (chosen.length === 0) return [];
  const { message } = mainScope(index);
  const weights = chosen.map((encoded) => weightEdit(index, message, encoded));
  return [
    ...irVersionEdits(index),
    ...inputEdits(index, chosen.map(({ layer }) => index.tensors[layer.tensor]!)),
    nodesEdit(index, message, kits, chosen),
    tablesEdit(message, kits, weights),
    ...weights,
  ];
}

function irVersionEdits(index: ModelIndex): CopyEdit[] {
  if (!raisesIrVersion(index)) return [];
  const model = index.messages.findIndex(({ parent }) => parent === null);
  const span = index.irVersionRecord ?? { offset: 0, length: 0 };
  return [bytesEdit(model, span, encodeIrVersion(IR_WITH_OWN_INITIALIZERS))];
}

function raisesIrVersion(index: ModelIndex): boolean {
  return index.irVersion < IR_WITH_OWN_INITIALIZERS;
}

/**
 * Entries of graph.input that must go: a replaced weight's would stay a required input, and once the IR version is
 * raised any initializer's would make it overridable, which keeps ONNX Runtime from folding it.
 */
function inputEdits(index: ModelIndex, replaced: TensorRecord[]): CopyEdit[] {
  const { inputs, message } = mainScope(index);
  const dropped = new Set(replaced.map(({ name }) => name));
  if (raisesIrVersion(index)) {
    for (const { name, scope, holder } of index.tensors) {
      if (holder !== 'constant' && index.scopes[scope]!.kind === 'main') dropped.add(name);
    }
  }
  return inputs.filter(({ name }) => dropped.has(name)).map(({ record }) => bytesEdit(message, record, new Uint8Array(0)));
}

function bytesEdit(message: number, span: Span, bytes: Uint8Array): CopyEdit {
  return { kind: 'bytes', message, span, length: bytes.length, bytes };
}

/** New nodes come first in the graph: nodes must be in topological order, and these depend on initializers alone. */
function nodesEdit(index: ModelIndex, message: number, kits: Kit[], layers: EncodedLayer[]): CopyEdit {
  const span = { offset: index.messages[message]!.content.offset, length: 0 };
  const length = [...kits, ...layers].reduce((sum, { size }) => sum + size.nodes, 0);
  return { kind: 'nodes', message, span, length, kits, layers };
}

/** Shared tables come before the first weight. */
function tablesEdit(message: number, kits: Kit[], weights: CopyEdit[]): CopyEdit {
  const offset = weights.reduce((first, { span }) => Math.min(first, span.offset), Infinity);
  const length = kits.reduce((sum, { size }) => sum + size.tensors, 0);
  return { kind: 'tables', message, span: { offset, length: 0 }, length, kits };
}

/** New initializers take the place of the weight's record. */
function weightEdit(index: ModelIndex, message: number, encoded: EncodedLayer): CopyEdit {
  const span = index.tensors[encoded.layer.tensor]!.record;
  return { kind: 'weight', message, span, length: encoded.size.tensors, encoded };
}

function mainScope(index: ModelIndex): ModelIndex['scopes'][number] {
  return index.scopes.find(({ kind }) => kind === 'main')!;
}
