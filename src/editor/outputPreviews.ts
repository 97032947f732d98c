import type { CopyFormat } from '../core/encodings/copyFormat';
import type { OutputError } from '../protocol/calibrationPage';
import type { LayerPreview, ModelLocation } from '../protocol/coreService';
import { problemLine } from '../protocol/problemText';
import type { CoreClient } from '../workers/coreClient';
import type { CalibrationFeed } from './calibrationFeed';
import { LayerQueue } from './layerQueue';
import { CONCURRENT_LAYERS, PRIORITY } from './priorities';

/**
 * Previews that tell the error of layers' outputs, too: of layers whose weights' error is known, once it is known what they are
 * multiplied by.
 */
export class OutputPreviews {
  readonly #calibration: CalibrationFeed;
  readonly #queue: LayerQueue;
  /** What is to be measured. */
  readonly #wanted = new Map<number, LayerPreview>();
  readonly #failures = new Map<number, string>();

  constructor(
    core: CoreClient, location: ModelLocation, copyFormat: () => CopyFormat, calibration: CalibrationFeed,
    events: { onPreview(preview: LayerPreview): void; onFailure(layer: number): void },
  ) {
    this.#calibration = calibration;
    this.#queue = new LayerQueue(async (layer, signal) => {
      const wanted = this.#wanted.get(layer);
      const inputs = calibration.inputsOf(layer);
      if (!wanted || !inputs) return;
      const planned = { layer, settings: wanted.settings };
      const outcome = await core.previewLayer(location, planned, copyFormat(), inputs, { signal, priority: PRIORITY.confirm });
      if (signal.aborted) return;
      this.#wanted.delete(layer);
      if (outcome.ok) return events.onPreview(outcome.value);
      this.#failures.set(layer, problemLine(outcome.problem));
      events.onFailure(layer);
    }, CONCURRENT_LAYERS);
  }

  /** What is known of the outputs of a layer with this preview. */
  of({ layer, outputSqnrDb }: LayerPreview): OutputError | undefined {
    if (this.#calibration.state === null) return undefined;
    if (outputSqnrDb !== null) return { state: 'measured', sqnrDb: Number.isFinite(outputSqnrDb) ? outputSqnrDb : null };
    const reason = this.#failures.get(layer) ?? this.#calibration.missing(layer);
    return reason === null ? { state: 'pending' } : { state: 'unknown', reason };
  }

  /** Measures the outputs of the layer as previewed, where its inputs are known. */
  measure(preview: LayerPreview): void {
    if (!this.#calibration.inputsOf(preview.layer)) return;
    this.#wanted.set(preview.layer, preview);
    this.#queue.add([preview.layer]);
  }

  /** What was known or measured of the layer no longer holds. */
  forget(layer: number): void {
    this.#queue.cancel(layer);
    this.#wanted.delete(layer);
    this.#failures.delete(layer);
  }

  setUrgent(layers: readonly number[]): void {
    this.#queue.setUrgent(layers);
  }

  dispose(): void {
    this.#queue.clear();
  }
}
