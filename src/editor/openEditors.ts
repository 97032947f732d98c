import { commands, EventEmitter, type Disposable, type Uri } from 'vscode';
import type { PlanRow } from '../protocol/page';
import type { ModelDocument } from './modelDocument';
import type { ModelPage } from './modelPage';

/** Keys of one character act on layers only while this is set: elsewhere in the page they are text. */
const GRID_FOCUS = 'quantscope.gridFocus';
/** Whether commands that quantize have something to act on in the active editor. */
const CAN_QUANTIZE = 'quantscope.canQuantize';
/** Whether external data of the active editor's model can be located. */
const CAN_LOCATE = 'quantscope.canLocate';

export interface ChangedRows {
  document: ModelDocument;
  rows: readonly PlanRow[];
}

/** Which documents and pages are open, and which of them commands act on. */
export class OpenEditors {
  readonly #documents = new Set<ModelDocument>();
  readonly #pages = new Set<ModelPage>();
  readonly #opened = new EventEmitter<ModelDocument>();
  readonly #closed = new EventEmitter<ModelDocument>();
  readonly #activeChanged = new EventEmitter<void>();
  readonly #rowsChanged = new EventEmitter<ChangedRows>();
  readonly #selected = new EventEmitter<ModelPage>();
  #focusedGrid: ModelPage | null = null;

  readonly onDidOpen = this.#opened.event;
  readonly onDidClose = this.#closed.event;
  /** Another editor is active now, or none, or the active one has read its model. */
  readonly onDidChangeActive = this.#activeChanged.event;
  /** Something else is known of some layers of an open model. */
  readonly onDidChangeRows = this.#rowsChanged.event;
  /** Layers were selected in a page. */
  readonly onDidSelect = this.#selected.event;

  get documents(): ReadonlySet<ModelDocument> {
    return this.#documents;
  }

  /** The page of the active editor. */
  get activePage(): ModelPage | undefined {
    return [...this.#pages].find(({ isActive }) => isActive);
  }

  /** The open document of this file, the active editor's before any other. */
  find(uri: Uri): ModelDocument | undefined {
    const documents = [...new Set([this.activePage?.document, ...this.#documents])];
    return documents.find((document) => document?.uri.toString() === uri.toString());
  }

  addDocument(document: ModelDocument): Disposable {
    this.#documents.add(document);
    this.#opened.fire(document);
    return {
      dispose: () => {
        this.#documents.delete(document);
        this.#closed.fire(document);
      },
    };
  }

  addPage(page: ModelPage): void {
    this.#pages.add(page);
    this.updateActive();
  }

  removePage(page: ModelPage): void {
    this.#pages.delete(page);
    this.setGridFocus(page, false);
    this.updateActive();
  }

  /** To be called when another editor becomes active, or when its model has been read. */
  updateActive(): void {
    const { activePage } = this;
    void commands.executeCommand('setContext', CAN_QUANTIZE, activePage?.document.canQuantize ?? false);
    void commands.executeCommand('setContext', CAN_LOCATE, (activePage?.document.missingData.length ?? 0) > 0);
    this.#activeChanged.fire();
  }

  announceRows(changed: ChangedRows): void {
    this.#rowsChanged.fire(changed);
  }

  announceSelection(page: ModelPage): void {
    this.#selected.fire(page);
  }

  /** A blur that arrives after the focus went to another page's grid changes nothing. */
  setGridFocus(page: ModelPage, focused: boolean): void {
    if (!focused && this.#focusedGrid !== page) return;
    this.#focusedGrid = focused ? page : null;
    void commands.executeCommand('setContext', GRID_FOCUS, focused);
  }
}
