import { layerKey, type Layer } from '../core/onnx/layer';
import { pieces } from '../editor/pieces';
import { printable } from '../protocol/plainText';

/** A line of the layer tree: a layer, or a group of layers whose names begin alike. */
export class TreeLine {
  /** Unique in its tree, and the same when the model is read again. */
  readonly id: string;
  readonly label: string;
  /** Null on the first level. */
  readonly parent: TreeLine | null;
  /** One layer, or those of the group in the model's order. */
  readonly layers: readonly Layer[];
  readonly isGroup: boolean;
  readonly #divide: (group: TreeLine) => TreeLine[];
  #children: readonly TreeLine[] | null = null;

  constructor(
    line: Pick<TreeLine, 'id' | 'label' | 'parent' | 'layers'>, divide?: (group: TreeLine) => TreeLine[],
  ) {
    this.id = line.id;
    this.label = line.label;
    this.parent = line.parent;
    this.layers = line.layers;
    this.isGroup = divide !== undefined;
    this.#divide = divide ?? (() => []);
  }

  /** Found when they are asked for: a group that nobody opens is never divided. */
  get children(): readonly TreeLine[] {
    this.#children ??= this.#divide(this);
    return this.#children;
  }
}

/**
 * The first level of layers grouped by scope and by the parts of their names between dots and slashes. A group of one is its
 * layer, a group with nothing but a group in it is one with it, and lines too many for one message are grouped into runs.
 */
export function treeLines(layers: readonly Layer[]): readonly TreeLine[] {
  return divided(layers, 0, '', null);
}

/** The layer's line; the groups above it are its parents. */
export function findLayer(firstLevel: readonly TreeLine[], layer: Layer): TreeLine | undefined {
  let line = firstLevel.find(({ layers }) => layers.includes(layer));
  while (line?.isGroup) line = line.children.find(({ layers }) => layers.includes(layer));
  return line;
}

/** Layers that agree in their first `depth` segments, as lines below `parent`. */
function divided(layers: readonly Layer[], depth: number, prefix: string, parent: TreeLine | null): TreeLine[] {
  const members = new Map<string, Layer[]>();
  for (const layer of layers) {
    const segments = segmentsOf(layer);
    const key = segments.length <= depth + 1 ? `layer:${layer.index}` : `group:${segments[depth]}`;
    const member = members.get(key);
    if (member) member.push(layer);
    else members.set(key, [layer]);
  }
  const lines = pieces([...members.values()]);
  if (lines.length === 1) return lines[0]!.map((member) => lineOf(member, depth, parent));
  return lines.map((run, index) => new TreeLine({
    id: `run:${prefix}#${index}`, parent, layers: run.flat(),
    label: `${lineOf(run[0]!, depth, parent).label} … ${lineOf(run.at(-1)!, depth, parent).label}`,
  }, (group) => run.map((member) => lineOf(member, depth, group))));
}

function lineOf(layers: readonly Layer[], depth: number, parent: TreeLine | null): TreeLine {
  const all = layers.map(segmentsOf);
  const first = all[0]!;
  if (layers.length === 1) {
    return new TreeLine({ id: `layer:${layerKey(layers[0]!)}`, label: labelOf(first.slice(depth)), parent, layers });
  }
  let end = depth + 1;
  while (all.every((segments) => segments.length > end + 1 && segments[end] === first[end])) end++;
  const prefix = first.slice(0, end).join('');
  return new TreeLine(
    { id: `group:${prefix}`, label: labelOf(first.slice(depth, end)), parent, layers },
    (group) => divided(layers, end, prefix, group),
  );
}

/** The parts of a layer's path, each with the separators before it: `layer1`, `.0`, `.conv1`, `.weight`. */
function segmentsOf({ scope, name }: Layer): string[] {
  const path = scope === '' ? name : `${scope}/${name}`;
  return path.match(/[./]*[^./]+(?:[./]+$)?/g) ?? [path];
}

function labelOf(segments: readonly string[]): string {
  const text = segments.join('');
  return printable(text.replace(/^[./]+/, '') || text);
}
