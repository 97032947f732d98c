import { blueprintSize, weightSize, type Weight, type WeightBlueprint, type WeightSize } from '../encodings/blueprint';
import { type CopyFormat, type FormatObstacle } from '../encodings/copyFormat';
import { tableKind, weightShape } from '../encodings/encodeWeight';
import { lookupTables, type TableValues } from '../encodings/lookupTables';
import type { LayerSettings } from '../plan/layerSettings';
import type { Kit } from './copyEdits';
import type { Layer } from './layer';
import { layerEncoding } from './layerEncoding';
import { storedParts, type ConsumerNode, type ModelIndex, type Scope } from './modelIndex';
import { freeName, newNames } from './newNames';
import { utf8Size, type Holder } from './protoWriter';

/** A layer that a copy can hold quantized, its codes packed in as many bits as they have or in more. */
export interface Packable {
  layer: Layer;
  settings: LayerSettings;
  family: TableFamily;
  format: CopyFormat;
  obstacle: FormatObstacle | null;
  /** The first that has the types of its tensors. */
  irVersion: number;
  /** Bytes the file loses with the weight's own. */
  removed: number;
  /** What its nodes and initializers take when each code takes `width` bits. */
  sizeOf: (width: number) => WeightSize;
  blueprint: (width: number) => WeightBlueprint;
  /** Those that may give way to other nodes. */
  consumers: ConsumerNode[];
}

/** Layers that share tables when they are packed in as many bits: of one graph or function, their tables of one kind. */
export interface TableFamily {
  /** Null where codes of this width need no tables. */
  tablesOf: (width: number) => Kit | null;
}

const NO_TABLES: TableFamily = { tablesOf: () => null };

type Packables = (layer: Layer, settings: LayerSettings) => Packable;

/** All names of a model are gone through to make them, and what they know serves all its copies. */
const made = new WeakMap<ModelIndex, Map<CopyFormat, Packables>>();

/**
 * How layers of a model would be stored. Sizes are those of the blueprints, made once for all weights whose shapes and
 * name lengths agree: a plan for ten thousand layers has to take no longer than a few frames.
 */
export function packables(index: ModelIndex, format: CopyFormat): Packables {
  return known(known(made, index, () => new Map<CopyFormat, Packables>()), format, () => packablesIn(index, format));
}

function packablesIn(index: ModelIndex, format: CopyFormat): Packables {
  const names = newNames(index.names);
  const families = new Map<string, TableFamily>();
  const sizes = new Map<string, WeightSize[]>();

  return (layer, settings) => {
    const { scope } = index.tensors[layer.tensor]!;
    const holder = holderOf(index.scopes[scope]!);
    const home = outermost(index.scopes, scope);
    const kind = tableKind(settings);
    const shape = weightShape(layer, settings, index.scopes[scope]!.opset);
    const place = { consumers: index.consumers.get(layer.tensor) ?? [], inFunction: index.scopes[home]!.kind === 'function' };
    const { tables, consumers, encode, ...encoding } = layerEncoding(layer, settings, format, shape, place, names);
    const family = tables
      ? known(families, `${home} ${encoding.format} ${tables.kind}`, () => tableFamily(index, names, tables.values, home))
      : NO_TABLES;
    const nameSizes = [[layer.name], ...consumers.map(({ inputs, output }) => [...inputs, output])]
      .map((some) => some.map(utf8Size).join()).join(';');
    const alike = known(sizes, `${holder} ${nameSizes} ${kind} ${encoding.likeness} ${JSON.stringify(shape)}`, () => []);
    const blueprint = (width: number): WeightBlueprint => {
      const weight: Weight = { name: layer.name, shape: { ...shape, width }, part: (part) => names(layer.name, part) };
      return encode(weight, family.tablesOf(width));
    };
    return {
      layer, settings, family, blueprint, consumers, ...encoding,
      removed: bytesRemoved(index, layer),
      sizeOf: (width) => (alike[width] ??= weightSize(blueprint(width), holder)),
    };
  };
}

function tableFamily(
  index: ModelIndex, names: (owner: string, part: string) => string, valuesOf: (width: number) => TableValues | null,
  scope: number,
): TableFamily {
  const kits = new Map<number, Kit | null>();
  const make = (width: number): Kit | null => {
    const values = valuesOf(width);
    if (!values) return null;
    // A layer that is called as the tables are has names of the same form.
    const owner = freeName(values.name, index.names);
    const tables = lookupTables(values, (part) => names(owner, part));
    return { ...tables, scope, size: blueprintSize(tables.blueprint, holderOf(index.scopes[scope]!)) };
  };
  return { tablesOf: (width) => known(kits, width, () => make(width)) };
}

/** What the map holds for a key, made when it is first asked for. */
function known<Key, Value>(map: { get(key: Key): Value | undefined; set(key: Key, value: Value): void }, key: Key, make: () => Value): Value {
  const value = map.get(key);
  if (value !== undefined) return value;
  const found = make();
  map.set(key, found);
  return found;
}

function holderOf({ kind }: Pick<Scope, 'kind'>): Holder {
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
