import type { CopySize } from '../core/encodings/copySize';
import type { Layer } from '../core/onnx/layer';
import type { LayerSettings, PlannedLayer } from '../core/plan/layerSettings';
import { resolvePlan, type QuantizationPlan } from '../core/plan/plan';
import type { LayerPreview, ModelLocation, ModelSummary } from '../protocol/coreService';
import type { Budget, HostMessage, PlanRow } from '../protocol/page';
import { problemLine, skipReasonText } from '../protocol/problemText';
import type { CoreClient } from '../workers/coreClient';
import { LayerQueue } from './layerQueue';
import { planRowOf } from './pageRows';
import { nextTurn, pieces } from './pieces';
import { CONCURRENT_LAYERS, PRIORITY } from './priorities';

/** Changes that come in bursts reach the page together after this time. */
const BATCH_MS = 16;

export interface PlanFeedEvents {
  /** Rows and totals to draw. */
  onRows(message: HostMessage): void;
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
  readonly #events: PlanFeedEvents;
  readonly #queue: LayerQueue;
  readonly #previews = new Map<number, LayerPreview>();
  readonly #failures = new Map<number, string>();
  readonly #changed = new Set<number>();
  #planned = new Map<number, LayerSettings>();
  #size: CopySize | null = null;
  #bytesAfter = new Map<number, number>();
  #skipped = new Map<number, string>();
  #sizing: AbortController | null = null;
  #timer: NodeJS.Timeout | null = null;
  #disposed = false;

  constructor(core: CoreClient, location: ModelLocation, model: ModelSummary, events: PlanFeedEvents) {
    this.#core = core;
    this.#location = location;
    this.#model = model;
    this.#events = events;
    this.#queue = new LayerQueue((layer, signal) => this.#previewLayer(layer, signal), CONCURRENT_LAYERS);
  }

  get planned(): PlannedLayer[] {
    return [...this.#planned].map(([layer, settings]) => ({ layer, settings }));
  }

  settingsOf(layer: number): LayerSettings | undefined {
    return this.#planned.get(layer);
  }

  previewOf(layer: number): LayerPreview | null {
    return this.#previews.get(layer) ?? null;
  }

  setUrgent(layers: readonly number[]): void {
    this.#queue.setUrgent(layers);
  }

  /** Computes anew what the change touches; what was under way for it is stopped. */
  setPlan(plan: QuantizationPlan): void {
    const before = this.#planned;
    this.#planned = new Map(resolvePlan(plan, this.#model.layers).map(({ layer, settings }) => [layer, settings]));
    const changed = this.#model.layers
      .map(({ index }) => index)
      .filter((layer) => !sameSettings(before.get(layer), this.#planned.get(layer)));
    for (const layer of changed) this.#forget(layer);
    if (changed.length > 0 || this.#size === null) void this.#computeSize();
    this.#queue.add(changed.filter((layer) => this.#planned.has(layer)));
    this.#schedule(changed);
  }

  /** Takes a preview that was computed elsewhere, unless the plan says something else by now. */
  accept(preview: LayerPreview): void {
    if (!sameSettings(preview.settings, this.#planned.get(preview.layer))) return;
    this.#forget(preview.layer);
    this.#keep(preview);
    this.#schedule([preview.layer]);
  }

  rows(layers: readonly Layer[] = this.#model.layers): PlanRow[] {
    return layers.map((layer) => planRowOf(layer, {
      settings: this.#planned.get(layer.index),
      preview: this.#previews.get(layer.index),
      bytesAfter: this.#bytesAfter.get(layer.index),
      note: this.#failures.get(layer.index) ?? this.#skipped.get(layer.index),
    }));
  }

  /** Sends the layers' rows in messages of bounded size. */
  async sendRows(layers: readonly Layer[], send: (message: HostMessage) => void): Promise<void> {
    for (const piece of pieces(layers)) {
      if (this.#disposed) return;
      send({ type: 'plan', plan: this.rows(piece), budget: this.budget() });
      await nextTurn();
    }
  }

  budget(): Budget {
    let worst: LayerPreview | null = null;
    for (const preview of this.#previews.values()) {
      if (this.#skipped.has(preview.layer)) continue;
      if (Number.isFinite(preview.sqnrDb) && (worst === null || preview.sqnrDb < worst.sqnrDb)) worst = preview;
    }
    return {
      bytesBefore: this.#size?.bytesBefore ?? this.#model.bytes,
      bytesAfter: this.#size?.bytesAfter ?? null,
      averageBits: this.#size?.averageBits ?? null,
      plannedLayers: this.#planned.size,
      worst: worst && { index: worst.layer, name: worst.name, sqnrDb: worst.sqnrDb },
    };
  }

  dispose(): void {
    this.#disposed = true;
    this.#queue.clear();
    this.#sizing?.abort();
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #forget(layer: number): void {
    this.#queue.cancel(layer);
    this.#failures.delete(layer);
    if (this.#previews.delete(layer)) this.#events.onPreview(layer, null);
  }

  #keep(preview: LayerPreview): void {
    this.#previews.set(preview.layer, preview);
    this.#events.onPreview(preview.layer, preview);
  }

  async #previewLayer(layer: number, signal: AbortSignal): Promise<void> {
    const settings = this.#planned.get(layer);
    if (!settings) return;
    const outcome = await this.#core.previewLayer(this.#location, { layer, settings }, { signal, priority: PRIORITY.preview });
    if (signal.aborted) return;
    if (outcome.ok) {
      this.#keep(outcome.value);
    } else {
      this.#failures.set(layer, problemLine(outcome.problem));
    }
    this.#schedule([layer]);
  }

  async #computeSize(): Promise<void> {
    this.#sizing?.abort();
    const sizing = new AbortController();
    this.#sizing = sizing;
    await nextTurn();
    if (sizing.signal.aborted) return;
    const outcome = await this.#core.copySize(this.#location, this.planned, { signal: sizing.signal, priority: PRIORITY.size });
    if (sizing.signal.aborted) return;
    if (!outcome.ok) return this.#events.onProblem(problemLine(outcome.problem));
    this.#size = outcome.value;
    const bytesAfter = new Map(outcome.value.layers.map((layer) => [layer.layer, layer.bytesAfter]));
    const skipped = new Map(outcome.value.skipped
      .filter(({ layer }) => this.#planned.has(layer))
      .map(({ layer, reason }) => [layer, skipReasonText(reason)]));
    const changed = this.#model.layers.map(({ index }) => index).filter((layer) =>
      bytesAfter.get(layer) !== this.#bytesAfter.get(layer) || skipped.get(layer) !== this.#skipped.get(layer));
    this.#bytesAfter = bytesAfter;
    this.#skipped = skipped;
    this.#schedule(changed);
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

function sameSettings(a: LayerSettings | undefined, b: LayerSettings | undefined): boolean {
  if (!a || !b) return a === b;
  return (Object.keys(a) as (keyof LayerSettings)[]).every((name) => a[name] === b[name]);
}
