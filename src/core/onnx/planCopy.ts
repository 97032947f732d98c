import { blueprintSize, type BlueprintSize, type Weight } from '../encodings/blueprint';
import type { CopySize, SkipReason } from '../encodings/copySize';
import { encodeWeight, tableValues, weightShape } from '../encodings/encodeWeight';
import { lookupTables, type TableValues } from '../encodings/lookupTables';
import type { LayerSettings, PlannedLayer } from '../plan/layerSettings';
import { quantizationEdits, type CopyEdit, type EncodedLayer, type Kit } from './copyEdits';
import { bitsPerElement } from './dataType';
import { externalCopy, withCodes, type ExternalCopy } from './externalCopy';
import type { Layer } from './layer';
import { MAX_MODEL_BYTES } from './limits';
import { storedParts, type ModelIndex, type Scope } from './modelIndex';
import { newNames } from './newNames';
import { utf8Size, type Holder } from './protoWriter';
import { splicedSize } from './splice';

/** Everything about a copy but the weights' codes. */
export interface CopyPlan {
  size: CopySize;
  /** Bytes of the model file; external data comes on top. */
  modelBytes: number;
  layers: EncodedLayer[];
  edits: CopyEdit[];
  external: ExternalCopy | null;
}

/**
 * Decides how a copy named `copyName` stores each layer and what it will take on disk, to the byte, without reading
 * weights. Layers that are not in `planned`, that cannot be quantized, whose weights `unusable` says cannot (not finite,
 * constant), or that would not get smaller stay as they are, with the reason. The last setting of a layer counts. Codes go to
 * external data when the model file would pass `maxModelBytes` with them.
 */
export function planCopy(
  index: ModelIndex, planned: PlannedLayer[], copyName: string, unusable: ReadonlyMap<number, SkipReason> = new Map(),
  maxModelBytes = MAX_MODEL_BYTES,
): CopyPlan {
  const settings = new Map(planned.map((entry) => [entry.layer, entry.settings]));
  const skipped = new Map<Layer, SkipReason>();
  const candidates: Candidate[] = [];
  const candidateFor = encoder(index);
  for (const layer of index.layers) {
    const own = settings.get(layer.index);
    const reason = reasonToSkip(layer, own, unusable);
    if (reason || !own) skipped.set(layer, reason ?? 'float-in-plan');
    else candidates.push(candidateFor(layer, own));
  }
  const chosen = worthwhile(candidates);
  for (const { layer } of candidates) if (!chosen.layers.has(layer)) skipped.set(layer, 'not-smaller');
  const quantized = candidates.filter(({ layer }) => chosen.layers.has(layer));
  return assemble(index, quantized, chosen.kits, skipped, copyName, maxModelBytes);
}

/** `bytesAfter` of one layer as in `CopySize.layers`, whatever a whole copy would decide about it. */
export function encodedBytes(index: ModelIndex, { layer, settings }: PlannedLayer): number {
  return encoder(index)(index.layers[layer]!, settings).bytesAfter;
}

interface Candidate extends EncodedLayer {
  kit: Kit | null;
  /** Payload bytes less what is saved: comparable with `layer.bytes`, as names and headers come and go on both sides. */
  bytesAfter: number;
  /** Bytes the file loses when the weight's own go and the new ones come. */
  saved: number;
}

function reasonToSkip(
  layer: Layer, settings: LayerSettings | undefined, unusable: ReadonlyMap<number, SkipReason>,
): SkipReason | null {
  if (layer.quantizable !== true) return layer.quantizable.reason;
  if (!settings) return layer.fixed ? 'not-a-weight' : 'float-in-plan';
  return unusable.get(layer.index) ?? null;
}

/**
 * How layers of a model would be stored. Sizes are those of the blueprints, made once for all weights whose shapes and
 * name lengths agree: a plan for ten thousand layers has to take no longer than a few frames.
 */
function encoder(index: ModelIndex): (layer: Layer, settings: LayerSettings) => Candidate {
  const names = newNames(index.names);
  const kits = new Map<string, Kit>();
  const sizes = new Map<string, BlueprintSize>();

  function kitFor(values: TableValues, scope: number): Kit {
    const key = `${scope} ${values.name}`;
    const known = kits.get(key);
    if (known) return known;
    const tables = lookupTables(values, (part) => names(values.name, part));
    const kit = { ...tables, scope, size: blueprintSize(tables.blueprint, holderOf(index.scopes[scope]!)) };
    kits.set(key, kit);
    return kit;
  }

  return (layer, settings) => {
    const { scope } = index.tensors[layer.tensor]!;
    const holder = holderOf(index.scopes[scope]!);
    const values = tableValues(settings);
    const kit = values && kitFor(values, outermost(index.scopes, scope));
    const shape = weightShape(layer, settings, index.scopes[scope]!.opset);
    const weight: Weight = { name: layer.name, shape, part: (part) => names(layer.name, part) };
    const blueprint: EncodedLayer['blueprint'] = () => encodeWeight(weight, kit);
    const key = `${holder} ${utf8Size(layer.name)} ${JSON.stringify(shape)}`;
    const size = sizes.get(key) ?? blueprintSize(blueprint(), holder);
    sizes.set(key, size);
    const saved = bytesRemoved(index, layer) - size.nodes - size.tensors;
    return { layer, settings, size, blueprint, kit, bytesAfter: layer.bytes - saved, saved };
  };
}

function holderOf({ kind }: Scope): Holder {
  return kind === 'function' ? 'function' : 'graph';
}

/** The main graph or function whose values a scope sees. */
function outermost(scopes: Scope[], scope: number): number {
  let outer = scope;
  for (let parent = scopes[outer]!.parent; parent !== null; parent = scopes[outer]!.parent) outer = parent;
  return outer;
}

function bytesRemoved(index: ModelIndex, layer: Layer): number {
  const tensor = index.tensors[layer.tensor]!;
  const external = storedParts(tensor).filter(({ storage }) => storage.form === 'external');
  return external.flatMap(({ storage }) => storage.spans).reduce((sum, { length }) => sum + length, tensor.record.length);
}

/** Candidates that get smaller, without those whose shared tables outweigh what they save together. */
function worthwhile(candidates: Candidate[]): { layers: Set<Layer>; kits: Kit[] } {
  const smaller = candidates.filter(({ saved }) => saved > 0);
  const savedByKit = new Map<Kit, number>();
  for (const { kit, saved } of smaller) if (kit) savedByKit.set(kit, (savedByKit.get(kit) ?? 0) + saved);
  const kits = [...savedByKit].filter(([{ size }, saved]) => saved > size.nodes + size.tensors).map(([kit]) => kit);
  const paid = new Set<Kit | null>([null, ...kits]);
  return { layers: new Set(smaller.filter(({ kit }) => paid.has(kit)).map(({ layer }) => layer)), kits };
}

function assemble(
  index: ModelIndex, chosen: Candidate[], kits: Kit[], skipped: Map<Layer, SkipReason>, copyName: string,
  maxModelBytes: number,
): CopyPlan {
  const replaced = new Set(chosen.map(({ layer }) => index.tensors[layer.tensor]!));
  const left = index.tensors.filter((tensor) => !replaced.has(tensor));
  const location = `${copyName}.data`;
  const moved = externalCopy(index, left, location);
  const layout = (layers: EncodedLayer[], external: ExternalCopy | null): Omit<CopyPlan, 'size'> => {
    const edits = [...quantizationEdits(index, layers, kits), ...moved.edits];
    return { layers, edits, external, modelBytes: splicedSize(sourceModelBytes(index), index.messages, edits) };
  };
  let copy = layout(chosen, moved.copy);
  if (copy.modelBytes > maxModelBytes) {
    const inGraph = ({ layer }: Candidate): boolean => index.scopes[index.tensors[layer.tensor]!.scope]!.kind !== 'function';
    const outside = withCodes(moved.copy, chosen.filter(inGraph), location);
    copy = layout([...outside.layers, ...chosen.filter((each) => !inGraph(each))], outside.copy);
  }
  return {
    size: {
      bytesBefore: index.bytes,
      bytesAfter: copy.modelBytes + (copy.external?.bytes ?? 0),
      averageBits: averageBits(index, chosen),
      layers: chosen.map(({ layer, bytesAfter }) => ({ layer: layer.index, bytesBefore: layer.bytes, bytesAfter })),
      skipped: [...skipped].map(([layer, reason]) => ({ layer: layer.index, name: layer.name, reason })),
    },
    ...copy,
  };
}

function sourceModelBytes(index: ModelIndex): number {
  return index.externalFiles.reduce((bytes, file) => bytes - (file.bytes ?? 0), index.bytes);
}

function averageBits(index: ModelIndex, chosen: Candidate[]): number {
  const bits = new Map(chosen.map(({ layer, settings }) => [layer, settings.bits]));
  let weights = 0;
  let total = 0;
  for (const layer of index.layers) {
    weights += layer.elements;
    total += layer.elements * (bits.get(layer) ?? bitsPerElement(layer.dtype));
  }
  return weights === 0 ? 0 : total / weights;
}
