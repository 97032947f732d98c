import {
  EventEmitter, TreeItem, TreeItemCollapsibleState, window,
  type CancellationToken, type Disposable, type TreeDataProvider, type TreeView,
} from 'vscode';
import * as l10n from '@vscode/l10n';
import type { Layer } from '../core/onnx/layer';
import type { OpenedModel } from '../editor/modelHost';
import type { OpenEditors } from '../editor/openEditors';
import type { PlanRow } from '../protocol/page';
import { printable } from '../protocol/plainText';
import { layerIcon } from './layerIcon';
import { layerDescription, layerTooltip } from './layerText';
import { findLayer, treeLines, type TreeLine } from './treeLine';

/** The layers of the active editor's model in the side bar; what is selected here is selected in the page, and back. */
export class LayerTree implements TreeDataProvider<TreeLine>, Disposable {
  readonly view: TreeView<TreeLine>;
  readonly #editors: OpenEditors;
  readonly #changed = new EventEmitter<TreeLine[] | undefined>();
  readonly #disposables: Disposable[];
  /** Layers whose lines the view has. */
  readonly #shown = new Map<number, TreeLine>();
  #model: OpenedModel | null = null;
  /** Of the model, once the view asks: it may never be looked at. */
  #firstLevel: readonly TreeLine[] | null = null;
  /** Selections that this class makes are not made by a person. */
  #revealing = 0;
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(editors: OpenEditors) {
    this.#editors = editors;
    this.view = window.createTreeView('quantscope.layers', {
      treeDataProvider: this, canSelectMany: true, showCollapseAll: true,
    });
    this.#disposables = [
      this.view, this.#changed,
      editors.onDidChangeActive(() => this.#follow()),
      editors.onDidChangeRows(({ document, rows }) => {
        if (document.host.model === this.#model) this.#refresh(rows);
      }),
      editors.onDidSelect((page) => {
        if (page.isActive) void this.#revealCurrent();
      }),
      this.view.onDidChangeSelection(({ selection }) => this.#select(selection)),
      this.view.onDidChangeVisibility(() => void this.#revealCurrent()),
    ];
    this.#follow();
  }

  getChildren(line?: TreeLine): TreeLine[] {
    return [...(line?.children ?? this.#lines)];
  }

  getParent(line: TreeLine): TreeLine | null {
    return line.parent;
  }

  getTreeItem(line: TreeLine): TreeItem {
    const [layer] = line.layers;
    return line.isGroup || !layer ? groupItem(line) : this.#layerItem(line, layer);
  }

  resolveTreeItem(item: TreeItem, line: TreeLine, _token: CancellationToken): TreeItem {
    const [layer] = line.layers;
    if (line.isGroup || !layer) return item;
    const row = this.#rowOf(layer);
    if (row) item.tooltip = layerTooltip(layer, row);
    return item;
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  get #lines(): readonly TreeLine[] {
    return (this.#firstLevel ??= treeLines(this.#model?.summary.layers ?? []));
  }

  #layerItem(line: TreeLine, layer: Layer): TreeItem {
    this.#shown.set(layer.index, line);
    const item = new TreeItem(line.label);
    item.id = line.id;
    item.contextValue = layer.quantizable === true ? 'layer.quantizable' : 'layer';
    const row = this.#rowOf(layer);
    if (!row) return item;
    item.description = layerDescription(layer, row);
    item.iconPath = layerIcon(layer, row);
    item.accessibilityInformation = { label: `${printable(layer.name)}, ${item.description}` };
    return item;
  }

  #rowOf(layer: Layer): PlanRow | undefined {
    return this.#model?.planFeed.rows([layer])[0];
  }

  /** Shows another model, or the same one as it was read last. */
  #follow(): void {
    const model = this.#editors.activePage?.document.host.model ?? null;
    if (model === this.#model) return;
    this.#model = model;
    this.#firstLevel = null;
    this.#shown.clear();
    this.#changed.fire(undefined);
    void this.#revealCurrent();
  }

  #refresh(rows: readonly PlanRow[]): void {
    const lines = rows.flatMap(({ index }) => this.#shown.get(index) ?? []);
    if (lines.length > 0) this.#changed.fire(lines);
  }

  #select(selection: readonly TreeLine[]): void {
    const page = this.#editors.activePage;
    if (this.#revealing > 0 || !page || page.document.host.model !== this.#model) return;
    page.select([...new Set(selection.flatMap(({ layers }) => layers.map(({ index }) => index)))]);
  }

  /** Shows the line of the page's current layer, unless it is selected already. */
  async #revealCurrent(): Promise<void> {
    const page = this.#editors.activePage;
    if (!this.view.visible || !page || page.current === null || page.document.host.model !== this.#model) return;
    const [layer] = page.document.host.layers([page.current]);
    const isSelected = this.view.selection.some(({ layers }) => layers.some(({ index }) => index === layer?.index));
    const line = layer && !isSelected ? findLayer(this.#lines, layer) : undefined;
    if (!line) return;
    this.#revealing++;
    try {
      await this.view.reveal(line, { select: true, focus: false });
    } catch {
      // The tree was replaced meanwhile: the new one reveals its own line.
    } finally {
      this.#revealing--;
    }
  }
}

function groupItem({ id, label, layers }: TreeLine): TreeItem {
  const item = new TreeItem(label, TreeItemCollapsibleState.Collapsed);
  item.id = id;
  item.contextValue = layers.some(({ quantizable }) => quantizable === true) ? 'group.quantizable' : 'group';
  item.description = l10n.t('{0} layers', layers.length);
  return item;
}
