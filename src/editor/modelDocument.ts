import { Uri, type CustomDocument, type CustomDocumentEditEvent, type Disposable } from 'vscode';
import type { Problem } from '../core/errors';
import { layerKey, type Layer } from '../core/onnx/layer';
import { missingFiles, type ExternalFile } from '../core/onnx/externalFile';
import { changesNothing, keepFloat, setBits, setSettings, type PlanEdit } from '../core/plan/edits';
import { checkSettings } from '../core/plan/checkSettings';
import type { BitWidth, PartialSettings } from '../core/plan/layerSettings';
import { editLabel } from './editLabel';
import { isFile } from './isFile';
import type { ModelHost } from './modelHost';
import type { PlanDocument } from './planDocument';
import { settingsAfter } from './settingsAfter';

/** An open model as VS Code knows it: what is edited is its plan, what is shown comes from its host. */
export class ModelDocument implements CustomDocument {
  readonly uri: Uri;
  readonly plan: PlanDocument;
  readonly host: ModelHost;
  readonly #announce: (event: CustomDocumentEditEvent<ModelDocument>) => void;
  readonly #disposables: Disposable[] = [];
  #isLeft = false;

  /** `announce` puts an edit on VS Code's undo stack. */
  constructor(
    uri: Uri, plan: PlanDocument, host: ModelHost, announce: (event: CustomDocumentEditEvent<ModelDocument>) => void,
  ) {
    this.uri = uri;
    this.plan = plan;
    this.host = host;
    this.#announce = announce;
  }

  /** Whether the model has been read and has a layer that can be quantized. */
  get canQuantize(): boolean {
    return this.host.model?.summary.layers.some((layer) => layer.quantizable === true) ?? false;
  }

  /** The files beside the model that hold its weights, as far as it has been read. */
  get externalData(): Uri[] {
    const external = this.host.model?.summary.externalFiles ?? [];
    return external.map(({ location }) => Uri.joinPath(this.uri, '..', location));
  }

  /** Those of these files that are missing, where they can be copied there: beside a model on disk. */
  get missingData(): ExternalFile[] {
    const { model } = this.host;
    return model && model.location.bytes === undefined ? missingFiles(model.summary.externalFiles) : [];
  }

  /** The problem with writing to the model's own file or one that holds its weights; null for any other. */
  targetProblem(target: Uri): Problem | null {
    const isSource = [this.uri, ...this.externalData].some((source) => source.toString() === target.toString());
    return isSource ? { code: 'target-is-source', place: { file: target.path }, detail: {} } : null;
  }

  /** Changes the plan as one step of undo; a change that changes nothing is none. */
  edit(edit: PlanEdit): void {
    if (changesNothing(edit)) return;
    this.plan.edit(edit);
    this.#push(edit);
  }

  /** Leaves layers that can be quantized in float. */
  keepFloat(layers: readonly Layer[]): void {
    const keys = quantizable(layers).map(layerKey);
    if (keys.length > 0) this.edit(keepFloat(this.plan.plan, keys));
  }

  /**
   * Sets the bit width of layers that can be quantized and whose method takes it.
   * @returns those whose method does not
   */
  setBits(layers: readonly Layer[], bits: BitWidth): Layer[] {
    const { plan } = this.plan;
    const changeable = quantizable(layers);
    const refused = new Set(changeable.filter((layer) => checkSettings(settingsAfter(plan, layer, { bits }), {}) !== null));
    const keys = changeable.filter((layer) => !refused.has(layer)).map(layerKey);
    if (keys.length > 0) this.edit(setBits(plan, keys, bits));
    return [...refused];
  }

  /**
   * Sets these of the settings of layers that can be quantized, or of none where they do not go together on one of them: the
   * problem is returned then.
   */
  chooseSettings(layers: readonly Layer[], settings: PartialSettings): Problem | null {
    const { plan } = this.plan;
    const changeable = quantizable(layers);
    for (const layer of changeable) {
      const problem = checkSettings(settingsAfter(plan, layer, settings), { tensor: layer.name });
      if (problem) return problem;
    }
    if (changeable.length > 0) this.edit(setSettings(plan, changeable.map(layerKey), settings));
    return null;
  }

  /** To be called when the model has another name, and with it another document. */
  leave(): void {
    this.#isLeft = true;
  }

  /** Saves the plan, unless it went with the model: where a folder is renamed, VS Code asks whether to save what it closes. */
  async save(): Promise<void> {
    if (this.#isLeft && !(await isFile(this.uri))) return;
    await this.plan.save();
  }

  /** Gives VS Code back the undo steps that a hot exit took from it. */
  announceRestoredEdits(): void {
    for (const edit of this.plan.unsavedEdits) this.#push(edit);
  }

  /** Things that live as long as the document. */
  own(disposable: Disposable): void {
    this.#disposables.push(disposable);
  }

  dispose(): void {
    this.host.dispose();
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #push(edit: PlanEdit): void {
    this.#announce({
      document: this,
      label: editLabel(edit),
      undo: () => this.plan.undo(edit),
      redo: () => this.plan.redo(edit),
    });
  }
}

function quantizable(layers: readonly Layer[]): Layer[] {
  return layers.filter((layer) => layer.quantizable === true);
}
