import * as l10n from '@vscode/l10n';
import type { LayerRow } from '../src/protocol/page';
import { ofNearestText } from './rowText';
import { bitsOf, outputSqnrDb, reasonToStay, sqnrDb, type TableRow } from './tableRow';

/** Layers of one module that stand under a row of their own. */
export interface LayerGroup {
  /** Negative: layers have the other numbers. */
  readonly line: number;
  /** The module's path, after the scope's where that is not the main graph; empty for layers of no module. */
  readonly path: string;
  /** Those that pass the filter, sorted. */
  readonly layers: readonly number[];
}

/**
 * The module that each layer is shown under: as much of the path in its name as leads to the first numbered block
 * (`model.layers.3` of `model.layers.3.mlp.up_proj.weight`, `features` of `features.0.weight`), the path of its node where the
 * name has none, and never a module with one layer alone. One level reads better than a tree: blocks repeat, and their
 * numbers are what one looks for. Ours.
 */
export function moduleOfLayers(layers: readonly LayerRow[]): ReadonlyMap<number, string> {
  const paths = layers.map((layer) => modulePaths(layer).map((path) => scoped(layer.scope, path)));
  const counts = countOf(paths.flat());
  const chosen = paths.map((each) => each.filter((path) => (counts.get(path) ?? 0) > 1).at(-1) ?? '');
  const members = countOf(chosen);
  return new Map(layers.map(({ index }, at) => {
    const path = chosen[at] ?? '';
    return [index, (members.get(path) ?? 0) > 1 ? path : ''];
  }));
}

/** The groups of `layers`, which are sorted and filtered, in the order in which the model has their modules. */
export function groupsOf(layers: readonly number[], moduleOf: ReadonlyMap<number, string>): LayerGroup[] {
  const modules = new Map([...new Set(moduleOf.values())].map((path) => [path, [] as number[]]));
  for (const layer of layers) modules.get(moduleOf.get(layer) ?? '')?.push(layer);
  return [...modules]
    .map(([path, members], at) => ({ line: -1 - at, path, layers: members }))
    .filter((group) => group.layers.length > 0);
}

export function groupLabel({ path }: LayerGroup): string {
  return path === '' ? l10n.t('Other layers') : path;
}

/** What is known of a group's layers together. */
export interface GroupFigures {
  weights: number;
  bytesBefore: number;
  bytesAfter: number;
  /** Bits of a weight's code, or of its data type where it is not quantized, as in the model's total. */
  averageBits: number | null;
  /** Of those measured; Infinity when none of them loses anything, null when none was measured. */
  worstSqnrDb: number | null;
  /** Some are of nearest codes, though layers are to be rounded by their outputs. */
  ofNearest: boolean;
  /** The same of outputs on calibration data. */
  worstOutputSqnrDb: number | null;
  /** The farthest that one of them moved. */
  moved: number | null;
}

export function groupFigures(rows: readonly TableRow[]): GroupFigures {
  const sum = (value: (row: TableRow) => number): number => rows.reduce((total, row) => total + value(row), 0);
  const known = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);
  const weights = sum(({ layer }) => layer.elements);
  const bits = sum((row) => row.layer.elements * weightBits(row));
  const least = (values: readonly (number | null)[]): number | null => {
    const measured = known(values);
    return measured.length === 0 ? null : measured.reduce((lowest, value) => Math.min(lowest, value));
  };
  const moved = known(rows.map((row) => row.moved));
  return {
    weights,
    bytesBefore: sum(({ layer }) => layer.bytes),
    bytesAfter: sum(({ layer, plan }) => plan?.bytesAfter ?? layer.bytes),
    averageBits: weights === 0 ? null : bits / weights,
    worstSqnrDb: least(rows.map(({ plan }) => sqnrDb(plan))),
    ofNearest: rows.some((row) => reasonToStay(row) === null && ofNearestText(row.plan) !== null),
    worstOutputSqnrDb: least(rows.map(({ plan }) => outputSqnrDb(plan))),
    moved: moved.length === 0 ? null : moved.reduce((most, value) => Math.max(most, value)),
  };
}

function weightBits(row: TableRow): number {
  const { layer } = row;
  const quantized = layer.quantized || reasonToStay(row) === null ? bitsOf(row) : null;
  return quantized ?? (layer.elements === 0 ? 0 : (8 * layer.bytes) / layer.elements);
}

/** From the outermost module to the one that holds the layer's own, or the first numbered one on the way. */
function modulePaths({ name, node }: LayerRow): string[] {
  const path = /[./]/.test(name) && !name.includes('::') ? withoutLast(name) : moduleOfNode(node);
  const modules: string[] = [];
  for (let from = 0, end = nextSeparator(path, 0); end < path.length; from = end + 1, end = nextSeparator(path, from)) {
    if (end === from) continue;
    modules.push(path.slice(0, end));
    if (/^\d+$/.test(path.slice(from, end))) break;
  }
  return modules;
}

function nextSeparator(path: string, from: number): number {
  let at = from;
  while (at < path.length && path[at] !== '.' && path[at] !== '/') at++;
  return at;
}

/** `layer1.0.conv1` of `/layer1/layer1.0/conv1/Conv`, as PyTorch names nodes: a module repeats the name of the one around it. */
function moduleOfNode(node: string): string {
  const modules = withoutLast(node).split('/').filter((each) => each !== '');
  return modules.filter((module, at) => !modules[at + 1]?.startsWith(`${module}.`)).join('.');
}

function withoutLast(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('/'), 0));
}

function scoped(scope: string, path: string): string {
  return scope === '' ? path : `${scope} › ${path}`;
}

function countOf(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
