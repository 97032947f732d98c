import { dirname } from 'node:path';
import type { CopyFormat } from '../core/encodings/copyFormat';
import { layerKey, type Layer } from '../core/onnx/layer';
import { needsCalibration } from '../core/plan/calibrationSettings';
import type { LayerSettings, PlannedLayer } from '../core/plan/layerSettings';
import { resolvePlan, type QuantizationPlan, type Tuning } from '../core/plan/plan';
import { faultOf, type PlanFaults } from '../core/plan/planFaults';
import { SETTING_NAMES } from '../core/plan/readSettings';
import { openableTuning } from '../platform/openableTuning';
import type { LayerPreview, ModelLocation, ModelSummary } from '../protocol/coreService';
import type { Budget, HostMessage, PlanRow } from '../protocol/page';
import { problemLine } from '../protocol/problemText';
import type { CoreClient } from '../workers/coreClient';
import type { CalibrationFeed } from './calibrationFeed';
import { CopySizeFeed } from './copySizeFeed';
import { faultNote } from './faultNote';
import { LayerQueue } from './layerQueue';
import { OutputPreviews } from './outputPreviews';
import { planRowOf } from './pageRows';
import { nextTurn, pieces } from './pieces';
import { CONCURRENT_LAYERS, PRIORITY } from './priorities';

/** Changes that come in bursts reach the page together after this time. */
const BATCH_MS = 16;

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
  readonly #core: CoreClient;
  readonly #location: ModelLocation;
  readonly #model: ModelSummary;
  readonly #copyFormat: () => CopyFormat;
  readonly #events: PlanFeedEvents;
  readonly #queue: LayerQueue;
  readonly #previews = new Map<number, LayerPreview>();
  readonly #failures = new Map<number, string>();
  readonly #changed = new Set<number>();
  readonly #size: CopySizeFeed;
  readonly #outputs: OutputPreviews;
  #planned = new Map<number, LayerSettings>();
  #tuning: Tuning = {};
  #faulty = new Map<number, string>();
  #timer: NodeJS.Timeout | null = null;
  #disposed = false;

  constructor(
    core: CoreClient, location: ModelLocation, model: ModelSummary, copyFormat: () => CopyFormat, calibration: CalibrationFeed,
    events: PlanFeedEvents,
  ) {
    this.#core = core;
    this.#location = location;
    this.#model = model;
    this.#copyFormat = copyFormat;
    this.#events = events;
    this.#queue = new LayerQueue((layer, signal) => this.#previewLayer(layer, signal), CONCURRENT_LAYERS);
    this.#size = new CopySizeFeed(core, location, copyFormat, {
      onSize: (changed, turned) => {
        for (const layer of turned) events.onPreview(layer, this.previewOf(layer));
        this.#schedule(changed);
      },
      onProblem: events.onProblem,
    });
    this.#outputs = new OutputPreviews(core, location, copyFormat, calibration, {
      onPreview: (preview) => {
        this.#keep(preview);
        this.#schedule([preview.layer]);
      },
      onFailure: (layer) => this.#schedule([layer]),
    });
  }

  get planned(): PlannedLayer[] {
    return [...this.#planned].map(([layer, settings]) => ({ layer, settings }));
  }

  /** What the plan says of the whole copy, its paths as they can be opened. */
  get tuning(): Tuning {
    return this.#tuning;
  }

  /** The format of copies that sizes are of. */
  get copyFormat(): CopyFormat {
    return this.#copyFormat();
  }

  /** Sizes follow the format of copies; errors do not depend on it. */
  copyFormatChanged(): void {
    const tried = this.#model.layers.map(({ index }) => index).filter((layer) => this.#isTried(layer));
    for (const layer of tried) this.#forget(layer);
    this.#computeSize();
    this.#schedule(tried);
  }

  settingsOf(layer: number): LayerSettings | undefined {
    return this.#planned.get(layer);
  }

  /** The planned layers that a copy quantizes, as far as is known: not those that would not get smaller, for one. */
  get quantized(): PlannedLayer[] {
    return this.planned.filter(({ layer }) => this.#noteOf(layer) === undefined);
  }

  /** The layer's error, of a float layer as last tried; null for a layer that stays float whatever the plan says. */
  previewOf(layer: number): LayerPreview | null {
    return this.#noteOf(layer) === undefined ? this.#previews.get(layer) ?? null : null;
  }

  setUrgent(layers: readonly number[]): void {
    this.#queue.setUrgent(layers);
    this.#outputs.setUrgent(layers);
  }

  /** Computes anew what the change touches; what was under way for it is stopped. */
  setPlan({ plan, faults }: { plan: QuantizationPlan; faults: PlanFaults }): void {
    const before = this.#planned;
    const faultyBefore = this.#faulty;
    this.#planned = new Map(resolvePlan(plan, this.#model.layers).map(({ layer, settings }) => [layer, settings]));
    this.#tuning = openableTuning(plan, dirname(this.#location.path));
    this.#faulty = faultNotes(plan, faults, this.#model.layers);
    const changed = this.#model.layers.map(({ index }) => index).filter((layer) => (
      !sameSettings(before.get(layer), this.#planned.get(layer))
      || this.#isTried(layer)
      || faultyBefore.get(layer) !== this.#faulty.get(layer)
    ));
    for (const layer of changed) {
      this.#forget(layer);
      this.#size.forget(layer);
    }
    if (changed.length > 0 || this.#size.total === null) this.#computeSize();
    this.#queue.add(changed.filter((layer) => this.#planned.has(layer)));
    this.#schedule(changed);
  }

  /** Something else is known of what layers are multiplied by: errors of outputs follow, and what was rounded by them. */
  calibrationChanged(): void {
    for (const [layer, preview] of this.#previews) {
      this.#outputs.forget(layer);
      if (preview.outputSqnrDb !== null && needsCalibration(preview.settings)) {
        this.#forget(layer);
        this.#queue.add([layer]);
        continue;
      }
      const ofWeights = { ...preview, outputSqnrDb: null };
      this.#previews.set(layer, ofWeights);
      this.#outputs.measure(ofWeights);
    }
    this.#schedule(this.#model.layers.map(({ index }) => index));
  }

  /**
   * Takes a preview that was computed elsewhere, unless the plan says something else by now. That of a float layer is shown
   * until the plan changes.
   */
  accept(preview: LayerPreview): void {
    if (this.#disposed) return;
    const planned = this.#planned.get(preview.layer);
    if (planned && !sameSettings(preview.settings, planned)) return;
    this.#forget(preview.layer);
    this.#keep(preview);
    this.#outputs.measure(preview);
    this.#schedule([preview.layer]);
  }

  rows(layers: readonly Layer[] = this.#model.layers): PlanRow[] {
    return layers.map((layer) => {
      const preview = this.previewOf(layer.index) ?? undefined;
      return planRowOf(layer, {
        settings: this.#planned.get(layer.index),
        preview,
        output: preview && this.#outputs.of(preview),
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
    const { quantized } = this;
    const { total } = this.#size;
    let worst: LayerPreview | null = null;
    for (const { layer } of quantized) {
      const preview = this.#previews.get(layer);
      if (preview && Number.isFinite(preview.sqnrDb) && (worst === null || preview.sqnrDb < worst.sqnrDb)) worst = preview;
    }
    return {
      bytesBefore: total?.bytesBefore ?? this.#model.bytes,
      bytesAfter: total?.bytesAfter ?? null,
      averageBits: total?.averageBits ?? null,
      plannedLayers: quantized.length,
      worst: worst && { index: worst.layer, name: worst.name, sqnrDb: worst.sqnrDb },
    };
  }

  dispose(): void {
    this.#disposed = true;
    this.#queue.clear();
    this.#size.dispose();
    this.#outputs.dispose();
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Why a layer stays float whatever its settings say. */
  #noteOf(layer: number): string | undefined {
    return this.#failures.get(layer) ?? this.#size.skipped(layer) ?? this.#faulty.get(layer);
  }

  /** Whether the layer stays float, but its error was computed. */
  #isTried(layer: number): boolean {
    return this.#previews.has(layer) && !this.#planned.has(layer);
  }

  #forget(layer: number): void {
    this.#queue.cancel(layer);
    this.#outputs.forget(layer);
    this.#failures.delete(layer);
    if (this.#previews.delete(layer)) this.#events.onPreview(layer, null);
  }

  #keep(preview: LayerPreview): void {
    this.#previews.set(preview.layer, preview);
    this.#events.onPreview(preview.layer, this.previewOf(preview.layer));
  }

  async #previewLayer(layer: number, signal: AbortSignal): Promise<void> {
    const settings = this.#planned.get(layer);
    if (!settings) return;
    const options = { signal, priority: PRIORITY.preview };
    const outcome = await this.#core.previewLayer(this.#location, { layer, settings }, this.copyFormat, undefined, options);
    if (signal.aborted) return;
    if (outcome.ok) {
      this.#keep(outcome.value);
      this.#outputs.measure(outcome.value);
    } else {
      this.#failures.set(layer, problemLine(outcome.problem));
      this.#computeSize();
    }
    this.#schedule([layer]);
  }

  /** Layers whose weights could not be quantized stay float in a copy. */
  #computeSize(): void {
    void this.#size.compute(() => this.planned.filter(({ layer }) => !this.#failures.has(layer)));
  }

  #schedule(layers: readonly number[]): void {
    for (const layer of layers) this.#changed.add(layer);
    this.#timer ??= setTimeout(() => this.#flush(), BATCH_MS);
  }

  #flush(): void {
    this.#timer = null;
    const layers = [...this.#changed].flatMap((index) => this.#model.layers[index] ?? []);
    this.#changed.clear();
    void this.sendRows(layers, this.#events.onRows);
  }
}

function faultNotes(plan: QuantizationPlan, faults: PlanFaults, layers: readonly Layer[]): Map<number, string> {
  return new Map(layers.flatMap((layer) => {
    const fault = layer.quantizable === true ? faultOf(plan, faults, layerKey(layer)) : undefined;
    return fault ? [[layer.index, faultNote(fault)]] : [];
  }));
}

function sameSettings(a: LayerSettings | undefined, b: LayerSettings | undefined): boolean {
  if (!a || !b) return a === b;
  return SETTING_NAMES.every((name) => a[name] === b[name]);
}
