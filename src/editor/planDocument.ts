import type { Problem } from '../core/errors';
import type { Layer } from '../core/onnx/layer';
import { applyEdit, revertEdit, type PlanEdit } from '../core/plan/edits';
import { emptyPlan, type QuantizationPlan } from '../core/plan/plan';
import { isConflict } from '../core/plan/planConflicts';
import { noFaults, type PlanFaults } from '../core/plan/planFaults';
import { parsePlan, stringifyPlan } from '../core/plan/planJson';
import { planBackup, readBackup } from './planBackup';

/** Where a plan is kept: the file beside the model. */
export interface PlanStorage {
  /** Null when there is no plan file. */
  read(): Promise<string | null>;
  /** Replaces the file in one step, or leaves it as it was. */
  write(text: string): Promise<void>;
}

/**
 * A model's quantization plan while it is edited: what is on disk, what is in memory, and the edits between them. It
 * knows nothing of VS Code, whose undo stack calls `undo` and `redo` with the edits it was given.
 */
export class PlanDocument {
  readonly #modelName: string;
  readonly #storage: PlanStorage;
  readonly #listeners = new Set<() => void>();
  #plan: QuantizationPlan;
  #faults = noFaults();
  /** Text of the plan file as last read or written; null when there is none. */
  #savedText: string | null = null;
  /** Edits made here, the first `#position` of them in force; `#savePoint` of them are in the file, -1 when no number is. */
  #history: PlanEdit[] = [];
  #position = 0;
  #savePoint = 0;

  private constructor(modelName: string, storage: PlanStorage) {
    this.#modelName = modelName;
    this.#storage = storage;
    this.#plan = emptyPlan(modelName);
  }

  /**
   * Reads the plan beside the model. With a backup, the plan is the backup's and `unsavedEdits` those it holds; a backup
   * that cannot be read counts as none.
   */
  static async open(modelName: string, storage: PlanStorage, backup?: string | undefined): Promise<PlanDocument> {
    const document = new PlanDocument(modelName, storage);
    document.#take(await storage.read());
    const restored = backup === undefined ? null : readBackup(backup);
    if (restored) {
      document.#plan = restored.plan;
      document.#history = restored.edits;
      document.#position = restored.edits.length;
      if (restored.edits.length === 0) document.#savePoint = -1;
    }
    return document;
  }

  get plan(): QuantizationPlan {
    return this.#plan;
  }

  /** Whether there is a plan file, as far as it was last read or written. */
  get hasFile(): boolean {
    return this.#savedText !== null;
  }

  /** Whether the plan in memory differs from the one on disk. */
  get isDirty(): boolean {
    return stringifyPlan(this.#plan) !== stringifyPlan(this.#read(this.#savedText));
  }

  /** Edits made since the plan was saved; empty when undo went back behind that point. */
  get unsavedEdits(): readonly PlanEdit[] {
    if (this.#savePoint < 0 || this.#savePoint > this.#position) return [];
    return this.#history.slice(this.#savePoint, this.#position);
  }

  /**
   * What the plan file says that cannot be used, with its JSON path; saving would drop it. Then what unsaved edits say of
   * layers that the model does not have, or that cannot be quantized.
   */
  problems(layers: readonly Layer[]): Problem[] {
    const ofFile = this.#savedText === null ? [] : parsePlan(this.#savedText, layers).problems;
    const known = new Set(ofFile.map(({ place }) => place.path));
    const ofEdits = parsePlan(this.#plan, layers).problems.filter(({ code, place }) => (
      (code === 'no-such-layer' || code === 'not-quantizable') && !known.has(place.path)
    ));
    return [...ofFile, ...ofEdits];
  }

  /** Entries of the plan file that leave their layers float because they cannot be used. */
  get faults(): PlanFaults {
    return this.#faults;
  }

  /** Problems that saving would erase from the file: all but entries that are kept, of layers the model lacks or in conflict. */
  get losesOnSave(): boolean {
    return this.problems([]).some((problem) => problem.code !== 'no-such-layer' && !isConflict(problem));
  }

  /** Calls `listener` after each change of the plan; returns what ends that. */
  onDidChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  edit(edit: PlanEdit): void {
    if (this.#savePoint > this.#position) this.#savePoint = -1;
    this.#history.length = this.#position;
    this.#history.push(edit);
    this.redo(edit);
  }

  undo(edit: PlanEdit): void {
    this.#position = Math.max(0, this.#position - 1);
    this.#change(revertEdit(this.#plan, edit));
  }

  redo(edit: PlanEdit): void {
    this.#position = Math.min(this.#history.length, this.#position + 1);
    this.#change(applyEdit(this.#plan, edit));
  }

  async save(): Promise<void> {
    const text = stringifyPlan(this.#plan);
    const position = this.#position;
    await this.#storage.write(text);
    const hadFaults = this.losesOnSave;
    this.#savedText = text;
    this.#savePoint = position;
    this.#faults = noFaults();
    if (hadFaults) this.#notify();
  }

  /** Goes back to what is on disk. */
  async revert(): Promise<void> {
    this.#take(await this.#storage.read());
    this.#position = Math.min(this.#position, Math.max(0, this.#savePoint));
    this.#savePoint = this.#position;
    this.#history.length = this.#position;
    this.#notify();
  }

  /** Whether the file says something else than when it was last read or written. */
  async changedOnDisk(): Promise<boolean> {
    return (await this.#storage.read()) !== this.#savedText;
  }

  /** The state that hot exit keeps, as JSON. */
  backup(): string {
    return planBackup({ plan: this.#plan, edits: [...this.unsavedEdits] });
  }

  #take(text: string | null): void {
    this.#savedText = text;
    this.#plan = this.#read(text);
    this.#faults = text === null ? noFaults() : parsePlan(text, []).faults;
  }

  #read(text: string | null): QuantizationPlan {
    return (text === null ? null : parsePlan(text, []).plan) ?? emptyPlan(this.#modelName);
  }

  #change(plan: QuantizationPlan): void {
    this.#plan = plan;
    this.#notify();
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
