import * as l10n from '@vscode/l10n';
import type { CopyFormat } from '../core/encodings/copyFormat';
import type { OutputError } from '../protocol/calibrationPage';
import type { LayerPreview, ModelLocation } from '../protocol/coreService';
import { problemLine } from '../protocol/problemText';
import type { CoreClient } from '../workers/coreClient';
import type { CalibrationFeed } from './calibrationFeed';
import { LayerQueue } from './layerQueue';
import { CONCURRENT_LAYERS, PRIORITY } from './priorities';

/** Progress is told when it has moved by this much: whoever looks at the layer sees all that is known of it drawn anew. */
const PROGRESS_STEP = 0.1;

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
  /** Of layers that are being rounded. */
  readonly #progress = new Map<number, number>();
  readonly #onResult: (layer: number) => void;

  constructor(
    core: CoreClient, location: ModelLocation, copyFormat: () => CopyFormat, calibration: CalibrationFeed,
    events: {
      onPreview(preview: LayerPreview): void;
      /** The layer's outputs cannot be measured, or rounding by them has got further. */
      onResult(layer: number): void;
    },
  ) {
    this.#calibration = calibration;
    this.#onResult = events.onResult;
    this.#queue = new LayerQueue(async (layer, signal) => {
      const wanted = this.#wanted.get(layer);
      const inputs = calibration.inputsOf(layer);
      if (!wanted || !inputs) return;
      const planned = { layer, settings: wanted.settings };
      const onProgress = (fraction: number): void => this.#advance(layer, fraction);
      const outcome = await core.previewLayer(location, planned, copyFormat(), inputs, { signal, priority: PRIORITY.confirm, onProgress });
      if (signal.aborted) return;
      this.#wanted.delete(layer);
      this.#progress.delete(layer);
      if (outcome.ok) return events.onPreview(outcome.value);
      this.#failures.set(layer, problemLine(outcome.problem));
      events.onResult(layer);
    }, CONCURRENT_LAYERS);
  }

  /** What is known of the outputs of a layer with this preview. */
  of({ layer, outputSqnrDb, fewPositions }: LayerPreview): OutputError | undefined {
    if (this.#calibration.state === null) return undefined;
    if (outputSqnrDb === -Infinity) return { state: 'unknown', reason: l10n.t('all of its outputs in float are 0') };
    if (outputSqnrDb !== null) {
      return { state: 'measured', sqnrDb: Number.isFinite(outputSqnrDb) ? outputSqnrDb : null, ...(fewPositions && { fewPositions }) };
    }
    const reason = this.#failures.get(layer) ?? this.#calibration.missing(layer);
    if (reason !== null) return { state: 'unknown', reason };
    const fraction = this.#progress.get(layer);
    return { state: 'pending', ...(fraction !== undefined && { fraction }) };
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
    this.#progress.delete(layer);
  }

  setUrgent(layers: readonly number[]): void {
    this.#queue.setUrgent(layers);
  }

  dispose(): void {
    this.#queue.clear();
  }

  #advance(layer: number, fraction: number): void {
    if (fraction - (this.#progress.get(layer) ?? 0) < PROGRESS_STEP) return;
    this.#progress.set(layer, fraction);
    this.#onResult(layer);
  }
}
