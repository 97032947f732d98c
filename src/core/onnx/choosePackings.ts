import type { BlueprintSize } from '../encodings/blueprint';
import type { CopyFormat, FormatObstacle } from '../encodings/copyFormat';
import type { EncodedLayer, Kit } from './copyEdits';
import type { Packable, TableFamily } from './packable';

/** A layer as a copy is to hold it. */
export interface PackedLayer extends EncodedLayer {
  tables: Kit | null;
  /** Payload bytes less what is saved: comparable with `layer.bytes`, as names and headers come and go on both sides. */
  bytesAfter: number;
  format: CopyFormat;
  obstacle: FormatObstacle | null;
}

/** Codes of these widths lie in bytes without planes: their tables are the smallest, or none. */
const PLAIN_WIDTHS = [4, 8];

/**
 * Packs each layer's codes in as many bits as they have or in more, so that the copy takes the least bytes, shared tables
 * included: at 3 bits a few small layers take less than the table of 4096 groups. Layers that only make it larger are left
 * out.
 */
export function choosePackings(candidates: Packable[]): PackedLayer[] {
  const families = new Map<TableFamily, Packable[]>();
  for (const candidate of candidates) {
    const members = families.get(candidate.family);
    if (members) members.push(candidate);
    else families.set(candidate.family, [candidate]);
  }
  const widths = new Map<Packable, number | null>();
  for (const [family, members] of families) {
    leastBytes(members, family).forEach((width, i) => widths.set(members[i]!, width));
  }
  return candidates.flatMap((candidate) => {
    const width = widths.get(candidate) ?? null;
    return width === null ? [] : packed(candidate, width);
  });
}

/** A layer as it is smallest when all tables are there. */
export function smallest(candidate: Packable): PackedLayer {
  const widths = usefulWidths([candidate]);
  const least = widths.reduce((best, width) => (saved(candidate, width) > saved(candidate, best) ? width : best));
  return packed(candidate, least);
}

function packed(candidate: Packable, width: number): PackedLayer {
  const { layer, settings, family, sizeOf, blueprint, format, obstacle, irVersion } = candidate;
  const bytesAfter = layer.bytes - saved(candidate, width);
  const tables = family.tablesOf(width);
  const size = sizeOf(width);
  const consumers = size.consumers.map((bytes, i) => ({ node: candidate.consumers[i]!, bytes }));
  return {
    layer, settings, size, blueprint: () => blueprint(width), consumers, tables, bytesAfter, format, obstacle, irVersion,
  };
}

/** By layer, the width of its codes; null for those to be left out. All sets of widths are tried. */
function leastBytes(layers: Packable[], family: TableFamily): (number | null)[] {
  const widths = usefulWidths(layers);
  const tableBytes = widths.map((width) => bytesOf(family, width));
  const savings = widths.map((width) => (
    Float64Array.from(layers, (layer) => (worthTrying(layer, width) ? saved(layer, width) : 0))
  ));
  let best = { saved: 0, used: [] as number[] };
  const extend = (at: number, most: Float64Array, cost: number, used: number[]): void => {
    if (at === widths.length) {
      const all = most.reduce((sum, bytes) => sum + bytes, -cost);
      if (all > best.saved) best = { saved: all, used };
      return;
    }
    extend(at + 1, most, cost, used);
    const own = savings[at]!;
    extend(at + 1, most.map((bytes, i) => Math.max(bytes, own[i]!)), cost + tableBytes[at]!, [...used, at]);
  };
  extend(0, new Float64Array(layers.length), 0, []);
  return layers.map((_, i) => {
    const most = Math.max(0, ...best.used.map((at) => savings[at]![i]!));
    return most === 0 ? null : widths[best.used.find((at) => savings[at]![i] === most)!]!;
  });
}

/**
 * Those that some layer has, and the plain ones: a width of neither sort has a larger table and more bytes of codes than a
 * narrower one of them that does as well.
 */
function usefulWidths(layers: Packable[]): number[] {
  const own = new Set(layers.map(({ settings }) => settings.bits));
  const narrowest = Math.min(...own);
  return [...new Set([...own, ...PLAIN_WIDTHS])].filter((width) => width >= narrowest).sort((a, b) => a - b);
}

/** Not where codes alone take more than all of the layer in its own width, tables of its own included. */
function worthTrying({ layer, settings: { bits }, family, sizeOf }: Packable, width: number): boolean {
  return width === bits || (width > bits && (layer.elements * width) / 8 < total(sizeOf(bits)) + bytesOf(family, bits));
}

function saved({ removed, consumers, sizeOf }: Packable, width: number): number {
  const size = sizeOf(width);
  const grown = size.consumers.reduce((sum, bytes, i) => sum + bytes - consumers[i]!.record.length, 0);
  return removed - total(size) - grown;
}

function bytesOf(family: TableFamily, width: number): number {
  const tables = family.tablesOf(width);
  return tables ? total(tables.size) : 0;
}

function total({ nodes, tensors }: BlueprintSize): number {
  return nodes + tensors;
}
