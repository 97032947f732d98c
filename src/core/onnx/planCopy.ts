import { blueprintSize, type BlueprintSize, type Weight } from '../encodings/blueprint';
import type { CopySize, SkipReason } from '../encodings/copySize';
import { encodeWeight, needsTables, weightShape } from '../encodings/encodeWeight';
import { lookupTables } from '../encodings/lookupTables';
import type { LayerSettings, PlannedLayer } from '../plan/layerSettings';
import { quantizationEdits, type CopyEdit, type EncodedLayer, type Kit } from './copyEdits';
import { bitsPerElement } from './dataType';
import { externalCopy, type ExternalCopy } from './externalCopy';
import type { Layer } from './layer';
import type { ModelIndex } from './modelIndex';
import { newNames } from './newNames';
import { utf8Size } from './protoWriter';
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
 * constant), or that would not get smaller stay as they are, with the reason. The last setting of a layer counts.
 */
export function planCopy(
  index: ModelIndex, planned: PlannedLayer[], copyName: string, unusable: ReadonlyMap<number, SkipReason> = new Map(),
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
  return assemble(index, candidates.filter(({ layer }) => chosen.layers.has(layer)), chosen.kits, skipped, copyName);
}

/**
 * Bytes of one layer's nodes and initializers, whatever a whole copy would decide about it. Tables that layers share are
 * not counted.
 */
export function encodedBytes(index: ModelIndex, { layer, settings }: PlannedLayer): number {
  return encoder(index)(index.layers[layer]!, settings).bytesAfter;
}

interface Candidate extends EncodedLayer {
  kit: Kit | null;
  bytesAfter: number;
  /** Bytes the file loses when the weight's own go and the new ones come. */
  saved: number;
}

function reasonToSkip(
  layer: Layer, settings: LayerSettings | undefined, unusable: ReadonlyMap<number, SkipReason>,
): SkipReason | null {
  if (layer.quantizable !== true) return layer.quantizable.reason;
  if (!settings) return 'float-in-plan';
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

  function kitFor({ bits, grid }: LayerSettings): Kit {
    const key = `${grid}-${bits}bit`;
    const known = kits.get(key);
    if (known) return known;
    const tables = lookupTables(bits, grid, (part) => names(key, part));
    const kit = { ...tables, size: blueprintSize(tables.blueprint) };
    kits.set(key, kit);
    return kit;
  }

  return (layer, settings) => {
    const kit = needsTables(settings.bits) ? kitFor(settings) : null;
    const shape = weightShape(layer, settings, index.opsets[''] ?? 0);
    const weight: Weight = { name: layer.name, shape, part: (part) => names(layer.name, part) };
    const blueprint: EncodedLayer['blueprint'] = () => encodeWeight(weight, kit);
    const key = `${utf8Size(layer.name)} ${Object.values(shape).join(' ')}`;
    const size = sizes.get(key) ?? blueprintSize(blueprint());
    sizes.set(key, size);
    const bytesAfter = size.nodes + size.tensors;
    return { layer, settings, size, blueprint, kit, bytesAfter, saved: bytesRemoved(index, layer) - bytesAfter };
  };
}

function bytesRemoved(index: ModelIndex, layer: Layer): number {
  const { record, storage } = index.tensors[layer.tensor]!;
  return record.length + (storage.form === 'external' ? layer.bytes : 0);
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
): CopyPlan {
  const replaced = new Set(chosen.map(({ layer }) => index.tensors[layer.tensor]!));
  const left = index.tensors.filter((tensor) => !replaced.has(tensor));
  const { copy: external, edits: externalEdits } = externalCopy(index, left, `${copyName}.data`);
  const edits = [...quantizationEdits(index, chosen, kits), ...externalEdits];
  const modelBytes = splicedSize(sourceModelBytes(index), index.messages, edits);
  return {
    size: {
      bytesBefore: index.bytes,
      bytesAfter: modelBytes + (external?.bytes ?? 0),
      averageBits: averageBits(index, chosen),
      layers: chosen.map(({ layer, bytesAfter }) => ({ layer: layer.index, bytesBefore: layer.bytes, bytesAfter })),
      skipped: [...skipped].map(([layer, reason]) => ({ layer: layer.index, name: layer.name, reason })),
    },
    modelBytes,
    layers: chosen,
    edits,
    external,
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
