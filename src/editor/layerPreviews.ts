import type { CopyFormat } from '../core/encodings/copyFormat';
import { needsCalibration } from '../core/plan/calibrationSettings';
import type { LayerSettings } from '../core/plan/layerSettings';
import type { OutputError } from '../protocol/calibrationPage';
import type { LayerPreview, ModelLocation } from '../protocol/coreService';
import { problemLine } from '../protocol/problemText';
import type { CoreClient } from '../workers/coreClient';
import type { CalibrationFeed } from './calibrationFeed';
import { LayerQueue } from './layerQueue';
import { OutputPreviews } from './outputPreviews';
import { CONCURRENT_LAYERS, PRIORITY } from './priorities';

export interface LayerPreviewEvents {
  /** A preview arrived, or is no longer right. */
  onPreview(layer: number): void;
  /** A layer's weights cannot be quantized. */
  onFailure(layer: number): void;
  /** More is known of a layer: a preview, a failure, or of its outputs that they cannot be measured or how far that is. */
  onResult(layer: number): void;
}

/** The error of each layer whose settings are known: first that of its weights, then that of its outputs. */
export class LayerPreviews {
  readonly #core: CoreClient;
  readonly #location: ModelLocation;
  readonly #copyFormat: () => CopyFormat;
  readonly #settingsOf: (layer: number) => LayerSettings | undefined;
  readonly #events: LayerPreviewEvents;
  readonly #queue: LayerQueue;
  readonly #outputs: OutputPreviews;
  readonly #known = new Map<number, LayerPreview>();
  readonly #failures = new Map<number, string>();

  constructor(
    core: CoreClient, location: ModelLocation, copyFormat: () => CopyFormat, calibration: CalibrationFeed,
    settingsOf: (layer: number) => LayerSettings | undefined, events: LayerPreviewEvents,
  ) {
    this.#core = core;
    this.#location = location;
    this.#copyFormat = copyFormat;
    this.#settingsOf = settingsOf;
    this.#events = events;
    this.#queue = new LayerQueue((layer, signal) => this.#compute(layer, signal), CONCURRENT_LAYERS);
    this.#outputs = new OutputPreviews(core, location, copyFormat, calibration, {
      onPreview: (preview) => {
        this.#keep(preview);
        events.onResult(preview.layer);
      },
      onResult: events.onResult,
    });
  }

  /** As last computed or taken. */
  of(layer: number): LayerPreview | undefined {
    return this.#known.get(layer);
  }

  /** Why the layer's weights cannot be quantized. */
  failure(layer: number): string | undefined {
    return this.#failures.get(layer);
  }

  /** What is known of the outputs of a layer with this preview. */
  outputOf(preview: LayerPreview): OutputError | undefined {
    return this.#outputs.of(preview);
  }

  setUrgent(layers: readonly number[]): void {
    this.#queue.setUrgent(layers);
    this.#outputs.setUrgent(layers);
  }

  /** Computes the layers' errors, unless that is under way. */
  compute(layers: readonly number[]): void {
    this.#queue.add(layers);
  }

  /** Takes a preview that was computed elsewhere. */
  accept(preview: LayerPreview): void {
    this.forget(preview.layer);
    this.#keep(preview);
    this.#outputs.measure(preview);
    this.#events.onResult(preview.layer);
  }

  /** What was known or computed of the layer no longer holds. */
  forget(layer: number): void {
    this.#queue.cancel(layer);
    this.#outputs.forget(layer);
    this.#failures.delete(layer);
    if (this.#known.delete(layer)) this.#events.onPreview(layer);
  }

  /** Something else is known of what layers are multiplied by: errors of outputs follow, and what was rounded by them. */
  calibrationChanged(): void {
    for (const [layer, preview] of this.#known) {
      this.#outputs.forget(layer);
      if (preview.outputSqnrDb !== null && needsCalibration(preview.settings)) {
        this.forget(layer);
        this.#queue.add([layer]);
        continue;
      }
      const ofWeights = { ...preview, outputSqnrDb: null, fewPositions: null };
      this.#known.set(layer, ofWeights);
      this.#outputs.measure(ofWeights);
    }
  }

  dispose(): void {
    this.#queue.clear();
    this.#outputs.dispose();
  }

  async #compute(layer: number, signal: AbortSignal): Promise<void> {
    const settings = this.#settingsOf(layer);
    if (!settings) return;
    const options = { signal, priority: PRIORITY.preview };
    const outcome = await this.#core.previewLayer(this.#location, { layer, settings }, this.#copyFormat(), undefined, options);
    if (signal.aborted) return;
    if (outcome.ok) {
      this.#keep(outcome.value);
      this.#outputs.measure(outcome.value);
    } else {
      this.#failures.set(layer, problemLine(outcome.problem));
      this.#events.onFailure(layer);
    }
    this.#events.onResult(layer);
  }

  #keep(preview: LayerPreview): void {
    this.#known.set(preview.layer, preview);
    this.#events.onPreview(preview.layer);
  }
}
