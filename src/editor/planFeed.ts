import { dirname } from 'node:path';
import type { CopyFormat } from '../core/encodings/copyFormat';
import type { Layer } from '../core/onnx/layer';
import type { LayerSettings, PlannedLayer } from '../core/plan/layerSettings';
import type { QuantizationPlan, Tuning } from '../core/plan/plan';
import type { PlanFaults } from '../core/plan/planFaults';
import type { LayerPreview, ModelLocation, ModelSummary } from '../protocol/coreService';
import type { Budget, HostMessage, PlanRow } from '../protocol/page';
import type { CoreClient } from '../workers/coreClient';
import { budgetOf } from './budget';
import type { CalibrationFeed } from './calibrationFeed';
import { CopySizeFeed } from './copySizeFeed';
import { LayerBatch } from './layerBatch';
import { LayerPreviews } from './layerPreviews';
import { agreeOn, modelPlan, sameSettings, type ModelPlan } from './modelPlan';
import { planRowOf } from './pageRows';
import { nextTurn, pieces } from './pieces';

type PlanMessage = Extract<HostMessage, { type: 'plan' }>;

export interface PlanFeedEvents {
  /** Rows and totals to draw. */
  onRows(message: PlanMessage): void;
  /** A preview arrived, or (null) is no longer right. */
  onPreview(layer: number, preview: LayerPreview | null): void;
  /** The size of the copy could not be told. */
  onProblem(line: string): void;
}

/** What the plan does to one opened model: each planned layer's error, computed as the plan changes, and the totals. */
export class PlanFeed {
  readonly #location: ModelLocation;
  readonly #model: ModelSummary;
  readonly #copyFormat: () => CopyFormat;
  readonly #calibration: CalibrationFeed;
  readonly #previews: LayerPreviews;
  readonly #size: CopySizeFeed;
  /** Layers whose rows are to be drawn. */
  readonly #changed: LayerBatch;
  #plan: ModelPlan = { settings: new Map(), faults: new Map(), tuning: {} };
  #disposed = false;

  constructor(
    core: CoreClient, location: ModelLocation, model: ModelSummary, copyFormat: () => CopyFormat, calibration: CalibrationFeed,
    events: PlanFeedEvents,
  ) {
    this.#location = location;
    this.#model = model;
    this.#copyFormat = copyFormat;
    this.#calibration = calibration;
    this.#changed = new LayerBatch((layers) => {
      void this.sendRows(layers.flatMap((index) => model.layers[index] ?? []), events.onRows);
    });
    this.#previews = new LayerPreviews(core, location, copyFormat, calibration, (layer) => this.settingsOf(layer), {
      onPreview: (layer) => events.onPreview(layer, this.previewOf(layer)),
      onFailure: () => this.#computeSize(),
      onResult: (layer) => this.#changed.add([layer]),
    });
    this.#size = new CopySizeFeed(core, location, copyFormat, {
      onSize: (layers, turned) => {
        for (const layer of turned) events.onPreview(layer, this.previewOf(layer));
        this.#changed.add(layers);
      },
      onProblem: events.onProblem,
    });
  }

  get planned(): PlannedLayer[] {
    return [...this.#plan.settings].map(([layer, settings]) => ({ layer, settings }));
  }

  /** What the plan says of the whole copy, its paths as they can be opened. */
  get tuning(): Tuning {
    return this.#plan.tuning;
  }

  /** The format of copies that sizes are of. */
  get copyFormat(): CopyFormat {
    return this.#copyFormat();
  }

  /** Sizes follow the format of copies; errors do not depend on it. */
  copyFormatChanged(): void {
    const tried = this.#model.layers.map(({ index }) => index).filter((layer) => this.#isTried(layer));
    for (const layer of tried) this.#previews.forget(layer);
    this.#computeSize();
    this.#changed.add(tried);
  }

  settingsOf(layer: number): LayerSettings | undefined {
    return this.#plan.settings.get(layer);
  }

  /** The planned layers that a copy quantizes, as far as is known: not those that would not get smaller, for one. */
  get quantized(): PlannedLayer[] {
    return this.planned.filter(({ layer }) => this.#noteOf(layer) === undefined);
  }

  /** The layer's error, of a float layer as last tried; null for a layer that stays float whatever the plan says. */
  previewOf(layer: number): LayerPreview | null {
    return this.#noteOf(layer) === undefined ? this.#previews.of(layer) ?? null : null;
  }

  setUrgent(layers: readonly number[]): void {
    this.#previews.setUrgent(layers);
  }

  /** Computes anew what the change touches; what was under way for it is stopped. */
  setPlan({ plan, faults }: { plan: QuantizationPlan; faults: PlanFaults }): void {
    const before = this.#plan;
    this.#plan = modelPlan(plan, faults, this.#model.layers, dirname(this.#location.path));
    const changed = this.#model.layers.map(({ index }) => index).filter((layer) => (
      !agreeOn(layer, before, this.#plan) || this.#isTried(layer)
    ));
    for (const layer of changed) {
      this.#previews.forget(layer);
      this.#size.forget(layer);
    }
    if (changed.length > 0 || this.#size.total === null) this.#computeSize();
    this.#previews.compute(changed.filter((layer) => this.#plan.settings.has(layer)));
    this.#changed.add(changed);
  }

  /** Something else is known of what layers are multiplied by: errors of outputs follow, and what was rounded by them. */
  calibrationChanged(): void {
    this.#previews.calibrationChanged();
    this.#changed.add(this.#model.layers.map(({ index }) => index));
  }

  /**
   * Takes a preview that was computed elsewhere, unless the plan says something else by now. That of a float layer is shown
   * until the plan changes.
   */
  accept(preview: LayerPreview): void {
    if (this.#disposed) return;
    const planned = this.settingsOf(preview.layer);
    if (planned && !sameSettings(preview.settings, planned)) return;
    this.#previews.accept(preview);
  }

  rows(layers: readonly Layer[] = this.#model.layers): PlanRow[] {
    return layers.map((layer) => {
      const preview = this.previewOf(layer.index) ?? undefined;
      const settings = this.settingsOf(layer.index);
      return planRowOf(layer, {
        settings,
        preview,
        uncalibrated: settings && this.#calibration.uncalibrated(layer.index, settings),
        output: preview && this.#previews.outputOf(preview),
        bytesAfter: this.#size.bytesAfter(layer.index),
        note: this.#noteOf(layer.index),
      });
    });
  }

  /** Sends the layers' rows in messages of bounded size. */
  async sendRows(layers: readonly Layer[], send: (message: PlanMessage) => void): Promise<void> {
    for (const piece of pieces(layers)) {
      if (this.#disposed) return;
      send({ type: 'plan', plan: this.rows(piece), budget: this.budget() });
      await nextTurn();
    }
  }

  budget(): Budget {
    return budgetOf(this.#model, this.#size.total, this.quantized.map(({ layer }) => this.#previews.of(layer)));
  }

  dispose(): void {
    this.#disposed = true;
    this.#previews.dispose();
    this.#size.dispose();
    this.#changed.dispose();
  }

  /** Why a layer stays float whatever its settings say. */
  #noteOf(layer: number): string | undefined {
    return this.#previews.failure(layer) ?? this.#size.skipped(layer) ?? this.#plan.faults.get(layer);
  }

  /** Whether the layer stays float, but its error was computed. */
  #isTried(layer: number): boolean {
    return this.#previews.of(layer) !== undefined && !this.#plan.settings.has(layer);
  }

  /** Layers whose weights could not be quantized stay float in a copy. */
  #computeSize(): void {
    void this.#size.compute(() => this.planned.filter(({ layer }) => this.#previews.failure(layer) === undefined));
  }
}
