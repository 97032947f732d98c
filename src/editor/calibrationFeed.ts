import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { Problem } from '../core/errors';
import type { Layer } from '../core/onnx/layer';
import { calibratesLevels, needsCalibration } from '../core/plan/calibrationSettings';
import type { LayerSettings } from '../core/plan/layerSettings';
import type { CalibrationData } from '../core/plan/plan';
import type { CalibrationState } from '../protocol/calibrationPage';
import type { CapturedInputs, LayerInputs, ModelLocation } from '../protocol/coreService';
import { problemText, uncalibratedText } from '../protocol/problemText';
import { readingText } from '../protocol/readingText';
import type { CoreClient } from '../workers/coreClient';
import { PRIORITY } from './priorities';

export interface CalibrationEvents {
  /** How far calibration is, or (null) that the plan names no data. */
  onState(state: CalibrationState | null): void;
  /** It is known what layers are multiplied by, or no longer, or it will not be known. */
  onInputs(): void;
  onProblem(problem: Problem): void;
}

/**
 * What the layers of one opened model are multiplied by in float, on the calibration data that its plan names: captured in one
 * run of the network, which takes long, and kept in memory until data or model change.
 */
export class CalibrationFeed {
  readonly #core: CoreClient;
  readonly #location: ModelLocation;
  readonly #layers: number[];
  readonly #events: CalibrationEvents;
  #data: CalibrationData | undefined;
  #state: CalibrationState | null = null;
  #captured: CapturedInputs | null = null;
  #captures = 0;
  #contents = 0;
  #running: AbortController | null = null;

  constructor(core: CoreClient, location: ModelLocation, layers: readonly Layer[], events: CalibrationEvents) {
    this.#core = core;
    this.#location = location;
    this.#layers = layers.filter(({ quantizable }) => quantizable === true).map(({ index }) => index);
    this.#events = events;
  }

  get state(): CalibrationState | null {
    return this.#state;
  }

  /** Tells what was captured from what was captured before. */
  get captures(): number {
    return this.#captures;
  }

  /** Tells what the data is from what it was before, as far as its file is watched. */
  get contents(): number {
    return this.#contents;
  }

  inputsOf(layer: number): LayerInputs | undefined {
    return this.#captured?.inputs.get(layer);
  }

  /** Why it is not known what the layer is multiplied by; null while it may be. */
  missing(layer: number): string | null {
    const reason = this.#captured?.missing.get(layer);
    if (reason !== undefined) return uncalibratedText(reason);
    if (this.#state?.progress.state === 'cancelled') return l10n.t('calibration was cancelled');
    return this.#state?.progress.state === 'failed' ? this.#state.progress.problem.title : null;
  }

  /** Why a copy rounds a layer to nearest that is to be calibrated; null where it does not, or that is not known yet. */
  uncalibrated(layer: number, settings: LayerSettings): string | null {
    const reason = this.#captured?.missing.get(layer);
    if (reason === undefined || reason === 'beyond-memory' || !needsCalibration(settings)) return null;
    if (reason !== 'in-blocks') return uncalibratedText(reason);
    return calibratesLevels(settings) ? uncalibratedText('too-many-inputs') : null;
  }

  /** Takes what the plan says, its path as it can be opened. */
  setData(data: CalibrationData | undefined): void {
    if (JSON.stringify(data) === JSON.stringify(this.#data)) return;
    this.#data = data;
    this.restart();
  }

  /** Captures anew, since the file has another content or what failed may work now. */
  restart(): void {
    this.#running?.abort();
    this.#running = null;
    this.#captured = null;
    this.#contents++;
    if (this.#data) void this.#capture(this.#data);
    else this.#announce(null);
    this.#events.onInputs();
  }

  cancel(): void {
    if (!this.#running || !this.#data) return;
    this.#running.abort();
    this.#running = null;
    this.#announce({ file: basename(this.#data.inputs), progress: { state: 'cancelled' } });
    this.#events.onInputs();
  }

  dispose(): void {
    this.#running?.abort();
    this.#running = null;
  }

  async #capture(data: CalibrationData): Promise<void> {
    const file = basename(data.inputs);
    const running = new AbortController();
    this.#running = running;
    const onProgress = (fraction: number): void => {
      if (!running.signal.aborted) this.#announce({ file, progress: { state: 'running', fraction } });
    };
    onProgress(0);
    const options = { signal: running.signal, priority: PRIORITY.statistics, onProgress };
    const outcome = await this.#core.captureInputs(this.#location, this.#layers, data, options);
    if (running.signal.aborted) return;
    this.#running = null;
    if (outcome.ok) {
      this.#captured = outcome.value;
      this.#captures++;
      const { inputs, scaled } = outcome.value;
      this.#announce({ file, progress: {
        state: 'done', reading: readingText(data, scaled), captured: inputs.size, layers: this.#layers.length,
      } });
    } else {
      this.#announce({ file, progress: { state: 'failed', problem: problemText(outcome.problem) } });
      this.#events.onProblem(outcome.problem);
    }
    this.#events.onInputs();
  }

  #announce(state: CalibrationState | null): void {
    this.#state = state;
    this.#events.onState(state);
  }
}
