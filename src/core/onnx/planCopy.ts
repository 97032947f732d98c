import type { CopyFormat } from '../encodings/copyFormat';
import type { CopySize, SkipReason } from '../encodings/copySize';
import type { LayerSettings, PlannedLayer } from '../plan/layerSettings';
import { unplannedReason } from '../plan/skipReason';
import { choosePackings, smallest, type PackedLayer } from './choosePackings';
import { constantRecords, quantizationEdits, type CopyEdit, type EncodedLayer, type NewConstant } from './copyEdits';
import { externalCopy, withCodes, type ExternalCopy } from './externalCopy';
import { storedBits, type Layer } from './layer';
import { MAX_MODEL_BYTES } from './limits';
import type { ModelIndex } from './modelIndex';
import { packables, type Packable } from './packable';
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

export interface CopyOptions {
  format?: CopyFormat;
  /** Layers whose weights cannot be quantized (not finite, or too large). */
  unusable?: ReadonlyMap<number, SkipReason>;
  maxModelBytes?: number;
  /** What the copy holds anew beside weights. */
  constants?: readonly NewConstant[];
}

/**
 * Decides how a copy named `copyName` stores each layer and what it will take on disk, to the byte, without reading
 * weights. Layers that are not in `planned`, that cannot be quantized, that are `unusable`, or that would not get smaller
 * stay as they are, with the reason. Those that `format` cannot store are stored exactly. The last setting of a layer counts.
 * Codes go to external data when the model file would pass `maxModelBytes` with them.
 */
export function planCopy(
  index: ModelIndex, planned: PlannedLayer[], copyName: string,
  { format = 'exact', unusable = new Map(), maxModelBytes = MAX_MODEL_BYTES, constants = [] }: CopyOptions = {},
): CopyPlan {
  const settings = new Map(planned.map((entry) => [entry.layer, entry.settings]));
  const skipped = new Map<Layer, SkipReason>();
  const candidates: Packable[] = [];
  const candidateFor = packables(index, format);
  for (const layer of index.layers) {
    const own = settings.get(layer.index);
    const reason = reasonToSkip(layer, own, unusable);
    if (reason || !own) skipped.set(layer, reason ?? 'float-in-plan');
    else candidates.push(candidateFor(layer, own));
  }
  const chosen = choosePackings(candidates);
  const smaller = new Set(chosen.map(({ layer }) => layer));
  for (const { layer } of candidates) if (!smaller.has(layer)) skipped.set(layer, 'not-smaller');
  return assemble(index, chosen, skipped, constants, copyName, maxModelBytes);
}

/** `bytesAfter` of one layer as in `CopySize.layers`, whatever a whole copy would decide about it. */
export function encodedBytes(index: ModelIndex, { layer, settings }: PlannedLayer, format: CopyFormat = 'exact'): number {
  return smallest(packables(index, format)(index.layers[layer]!, settings)).bytesAfter;
}

function reasonToSkip(
  layer: Layer, settings: LayerSettings | undefined, unusable: ReadonlyMap<number, SkipReason>,
): SkipReason | null {
  if (layer.quantizable !== true || !settings) return unplannedReason(layer);
  return unusable.get(layer.index) ?? null;
}

function assemble(
  index: ModelIndex, chosen: PackedLayer[], skipped: Map<Layer, SkipReason>, constants: readonly NewConstant[], copyName: string,
  maxModelBytes: number,
): CopyPlan {
  const kits = [...new Set(chosen.flatMap(({ tables }) => tables ?? []))];
  const replaced = new Set([...chosen.map(({ layer }) => index.tensors[layer.tensor]!), ...constantRecords(index, constants)]);
  const left = index.tensors.filter((tensor) => !replaced.has(tensor));
  const location = `${copyName}.data`;
  const moved = externalCopy(index, left, location);
  const layout = (layers: PackedLayer[], external: ExternalCopy | null) => {
    const edits = [...quantizationEdits(index, layers, kits, constants), ...moved.edits];
    return { layers, edits, external, modelBytes: splicedSize(sourceModelBytes(index), index.messages, edits) };
  };
  let copy = layout(chosen, moved.copy);
  if (copy.modelBytes > maxModelBytes) {
    const inGraph = ({ layer }: PackedLayer): boolean => index.scopes[index.tensors[layer.tensor]!.scope]!.kind !== 'function';
    const outside = withCodes(moved.copy, chosen.filter(inGraph), location);
    const layers = [...outside.layers, ...chosen.filter((each) => !inGraph(each))];
    copy = layout(layers.sort((a, b) => a.layer.index - b.layer.index), outside.copy);
  }
  return {
    size: {
      bytesBefore: index.bytes,
      bytesAfter: copy.modelBytes + (copy.external?.bytes ?? 0),
      averageBits: averageBits(index, chosen),
      layers: copy.layers.map(({ layer, bytesAfter, format, obstacle }) => (
        { layer: layer.index, bytesBefore: layer.bytes, bytesAfter, format, obstacle }
      )),
      skipped: [...skipped].map(([layer, reason]) => ({ layer: layer.index, name: layer.name, reason })),
    },
    ...copy,
  };
}

function sourceModelBytes(index: ModelIndex): number {
  return index.externalFiles.reduce((bytes, file) => bytes - (file.bytes ?? 0), index.bytes);
}

function averageBits(index: ModelIndex, chosen: PackedLayer[]): number {
  const bits = new Map(chosen.map(({ layer, settings }) => [layer, settings.bits]));
  let weights = 0;
  let total = 0;
  for (const layer of index.layers) {
    weights += layer.elements;
    total += layer.elements * (bits.get(layer) ?? storedBits(layer));
  }
  return weights === 0 ? 0 : total / weights;
}
