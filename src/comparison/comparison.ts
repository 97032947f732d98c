import type { LayerComparison, ModelComparison } from '../core/compare/compareModels';
import { unexpectedProblem, type Problem } from '../core/errors';
import type { ModelLocation, Outcome } from '../protocol/coreService';
import type { CompareHostMessage, CompareModel, CompareSide } from '../protocol/comparePage';
import { problemLine, problemText } from '../protocol/problemText';
import { onceWritten } from '../editor/halfWritten';
import { PRIORITY } from '../editor/priorities';
import type { CoreClient } from '../workers/coreClient';
import { compareRowOf, compareSummaryOf } from './compareRows';

/** A model to be compared. */
export interface ComparedFile extends CompareModel {
  /** Its path, or its bytes as they are now. */
  locate(): Promise<Outcome<ModelLocation>>;
}

export interface ComparisonOptions {
  a: ComparedFile;
  b: ComparedFile;
  tolerance: number;
  core: CoreClient;
  log: { warn(message: string): void };
  post(message: CompareHostMessage): void;
  /** The models have been read. */
  onCompared(comparison: ModelComparison): void;
}

/** Two models being compared, again whenever one of them or the tolerance changes; a page that comes late is told all. */
export class Comparison {
  readonly #options: ComparisonOptions;
  #result: CompareHostMessage | null = null;
  #layers: LayerComparison[] = [];
  #running = new AbortController();
  #fraction: number | null = null;

  constructor(options: ComparisonOptions) {
    this.#options = { ...options };
  }

  file(side: CompareSide): ComparedFile {
    return this.#options[side];
  }

  /** The layer that a row stands for in one of the models; null where it has none. */
  layerOf(row: number, side: CompareSide): number | null {
    return this.#layers[row]?.[side]?.index ?? null;
  }

  /** The page has (re)started and shows nothing yet. */
  pageReady(): void {
    this.#postModels();
    if (this.#result) this.#options.post(this.#result);
    this.#options.post({ type: 'progress', fraction: this.#fraction });
  }

  answerPing(): void {
    this.#options.post({ type: 'pong' });
  }

  /** Compares, or compares again; what was found before stays until then. Resolves when that has come to an end. */
  start(): Promise<void> {
    return this.#start(false);
  }

  /** Follows a change on disk: a file that is still being written is waited for. */
  filesChanged(): Promise<void> {
    return this.#start(true);
  }

  setTolerance(tolerance: number): Promise<void> {
    if (tolerance === this.#options.tolerance) return Promise.resolve();
    this.#options.tolerance = tolerance;
    return this.start();
  }

  /** The first becomes the second. */
  swap(): Promise<void> {
    const { a, b } = this.#options;
    Object.assign(this.#options, { a: b, b: a });
    this.#result = null;
    return this.start();
  }

  dispose(): void {
    this.#running.abort();
  }

  async #start(waits: boolean): Promise<void> {
    this.#running.abort();
    this.#running = new AbortController();
    const { signal } = this.#running;
    this.#postModels();
    this.#progress(0);
    const problem = await this.#compare(signal, waits).catch(unexpectedProblem);
    if (signal.aborted) return;
    if (problem) this.#fail(problem);
    this.#progress(null);
  }

  /** What stands in the way, or null. */
  async #compare(signal: AbortSignal, waits: boolean): Promise<Problem | null> {
    const { a, b, core, tolerance } = this.#options;
    const read = async (): Promise<Outcome<ModelComparison>> => {
      const [first, second] = await Promise.all([a.locate(), b.locate()]);
      return !first.ok ? first : !second.ok ? second : core.compareModels(first.value, second.value, { tolerance }, {
        signal, priority: PRIORITY.asked, onProgress: (fraction) => !signal.aborted && this.#progress(fraction),
      });
    };
    const outcome = await (waits ? onceWritten(read, signal) : read());
    if (signal.aborted) return null;
    if (!outcome.ok) return outcome.problem;
    const { layers } = outcome.value;
    this.#layers = layers;
    this.#options.onCompared(outcome.value);
    this.#tell({ type: 'comparison', summary: compareSummaryOf(outcome.value), rows: layers.map(compareRowOf) });
    return null;
  }

  #fail(problem: Problem): void {
    this.#options.log.warn(problemLine(problem));
    this.#tell({ type: 'problem', problem: problemText(problem) });
  }

  #tell(result: CompareHostMessage): void {
    this.#result = result;
    this.#options.post(result);
  }

  #progress(fraction: number | null): void {
    this.#fraction = fraction;
    this.#options.post({ type: 'progress', fraction });
  }

  #postModels(): void {
    const { a, b, tolerance, post } = this.#options;
    post({ type: 'models', a: modelOf(a), b: modelOf(b), tolerance });
  }
}

function modelOf({ uri, fileName, folder }: ComparedFile): CompareModel {
  return { uri, fileName, folder };
}
