import type { CopyFormat } from '../core/encodings/copyFormat';
import { unexpectedProblem, type Problem } from '../core/errors';
import type { Layer } from '../core/onnx/layer';
import type { LayerPreview, ModelLocation, ModelSummary, Outcome } from '../protocol/coreService';
import type { HostMessage, PlanRow } from '../protocol/page';
import { problemLog, problemText } from '../protocol/problemText';
import type { CoreClient } from '../workers/coreClient';
import { CalibrationFeed } from './calibrationFeed';
import { ErrorFeed } from './errorFeed';
import { onceWritten } from './halfWritten';
import { KeptReport } from './keptReport';
import { LastEvaluation } from './lastEvaluation';
import { codebookOf, headerOf, layerRowOf, type KnownWeights } from './pageRows';
import { nextTurn, pieces } from './pieces';
import { watchedLayers, type PageView } from './pageView';
import type { PlanDocument } from './planDocument';
import { PlanFeed } from './planFeed';
import { PRIORITY } from './priorities';
import { StatisticsFeed } from './statisticsFeed';

export interface ModelHostOptions {
  /** Shown in the page. */
  fileName: string;
  core: CoreClient;
  document: PlanDocument;
  /** The model's path, or its bytes as they are now. */
  locate(): Promise<Outcome<ModelLocation>>;
  histogramBins(): number;
  copyFormat(): CopyFormat;
  log: { info(message: string): void; warn(message: string): void };
}

/** A model as it was last read from disk, with what is computed of it. */
export interface OpenedModel {
  location: ModelLocation;
  summary: ModelSummary;
  calibration: CalibrationFeed;
  planFeed: PlanFeed;
  statistics: StatisticsFeed;
  errors: ErrorFeed;
  report: KeptReport;
}

/** One open model file: reads it through the workers and keeps every page that shows it up to date. */
export class ModelHost {
  readonly #options: ModelHostOptions;
  readonly #pages = new Set<PageView>();
  readonly #opened = new Set<(model: OpenedModel) => void>();
  readonly #rowsChanged = new Set<(rows: readonly PlanRow[]) => void>();
  readonly #stopListening: () => void;
  /** Of the copy that the plan would make, or of the model where nothing is planned. */
  readonly evaluation = new LastEvaluation(
    () => JSON.stringify([this.#versions, this.#options.document.plan, this.#options.copyFormat()]),
    (evaluation) => this.#broadcast({ type: 'evaluation', evaluation }),
  );
  /** Of the model that were shown. */
  #versions = 0;
  #model: OpenedModel | null = null;
  /** Of the version that was shown last, by `layerKey`. */
  #weightsBefore: ReadonlyMap<string, KnownWeights> = new Map();
  #problem: Problem | null = null;
  /** Why the file cannot be read just now, while the model is shown as it was. */
  #waitsFor: Problem | null = null;
  #opening = new AbortController();
  #ready: Promise<void> = Promise.resolve();

  constructor(options: ModelHostOptions) {
    this.#options = options;
    this.#stopListening = options.document.onDidChange(() => {
      if (this.#model) this.#takePlan(this.#model);
      this.#model?.errors.update();
      this.evaluation.update();
    });
  }

  /** The model as last read; null before that, and when it cannot be read. */
  get model(): OpenedModel | null {
    return this.#model;
  }

  /** Why the model could not be read. */
  get problem(): Problem | null {
    return this.#problem;
  }

  /** Resolves when the last `open` or `reload` has come to an end, one that is begun meanwhile included. */
  get ready(): Promise<void> {
    const ready = this.#ready;
    return ready.then(() => (ready === this.#ready ? undefined : this.ready));
  }

  /** Calls `listener` each time the model has been read. */
  onDidOpen(listener: (model: OpenedModel) => void): void {
    this.#opened.add(listener);
  }

  /** Calls `listener` with what is known of layers since. */
  onDidChangeRows(listener: (rows: readonly PlanRow[]) => void): void {
    this.#rowsChanged.add(listener);
  }

  /**
   * Reads the model, or reads it again; pages show the new one or what is wrong with it. Nothing is kept but the plan, and
   * what was known of the weights, to be compared with.
   */
  open(): Promise<void> {
    return this.#start(false);
  }

  /**
   * Follows a change on disk: a file that is still being written is waited for, and shown as it was until then. What is shown
   * already stays, with all that is computed of it.
   */
  reload(): Promise<void> {
    return this.#start(this.#model !== null);
  }

  /** Copies are to be in another format. */
  copyFormatChanged(): void {
    this.#model?.planFeed.copyFormatChanged();
    this.evaluation.update();
  }

  /** The page has (re)started and shows nothing yet. */
  pageReady(page: PageView): void {
    this.#pages.add(page);
    if (this.#problem) page.post({ type: 'problem', problem: problemText(this.#problem) });
    if (!this.#model) return;
    this.#postModel(page, this.#model);
    if (this.#waitsFor) page.post({ type: 'waiting', problem: problemText(this.#waitsFor) });
    this.#model.statistics.addPage(page);
    this.#model.errors.addPage(page);
    this.pageLooks(page);
  }

  pageClosed(page: PageView): void {
    this.#pages.delete(page);
    this.#model?.statistics.removePage(page);
    this.#model?.errors.removePage(page);
  }

  /** What the page shows has changed: its rows on screen, its selection, or the inspected layer. */
  pageLooks(page: PageView): void {
    if (!this.#model || !this.#pages.has(page)) return;
    this.#model.statistics.update();
    this.#model.errors.update();
    this.#model.planFeed.setUrgent(watchedLayers(this.#pages));
    if (page.current !== null) this.#postCodebook(page, page.current, this.#model.planFeed.previewOf(page.current));
  }

  /** The layers of these indices; those the model does not have are left out. */
  layers(indices: Iterable<number>): Layer[] {
    return [...indices].flatMap((index) => this.#model?.summary.layers[index] ?? []);
  }

  dispose(): void {
    this.#stopListening();
    this.#opening.abort();
    this.#close();
    this.#pages.clear();
  }

  #start(follows: boolean): Promise<void> {
    this.#opening.abort();
    this.#opening = new AbortController();
    this.#ready = this.#read(this.#opening.signal, follows).catch((error: unknown) => {
      this.#fail(unexpectedProblem(error));
    });
    return this.#ready;
  }

  async #read(signal: AbortSignal, follows: boolean): Promise<void> {
    const { core, locate } = this.#options;
    const read = async (): Promise<Outcome<Pick<OpenedModel, 'location' | 'summary'>>> => {
      const location = await locate();
      if (!location.ok) return location;
      const summary = await core.openModel(location.value, { signal, priority: PRIORITY.open });
      return summary.ok ? { ok: true, value: { location: location.value, summary: summary.value } } : summary;
    };
    const outcome = await (follows ? onceWritten(read, signal, (problem) => this.#wait(problem)) : read());
    // Thousands of layers are long enough in coming from the worker for a turn of their own.
    await nextTurn();
    if (signal.aborted) return;
    if (outcome.ok && follows && this.#isShown(outcome.value.summary)) return;
    if (outcome.ok) this.#show(outcome.value.location, outcome.value.summary);
    else this.#fail(outcome.problem);
  }

  #isShown({ version }: ModelSummary): boolean {
    return version !== null && version === this.#model?.summary.version && this.#waitsFor === null && !this.#model.statistics.metFault;
  }

  #wait(problem: Problem): void {
    if (problem.code === this.#waitsFor?.code) return;
    this.#waitsFor = problem;
    this.#broadcast({ type: 'waiting', problem: problemText(problem) });
  }

  #fail(problem: Problem): void {
    this.#close();
    this.#problem = problem;
    this.#options.log.warn(`${this.#options.fileName}: ${problemLog(problem)}`);
    this.#broadcast({ type: 'problem', problem: problemText(problem) });
  }

  #show(location: ModelLocation, summary: ModelSummary): void {
    const { core, document, histogramBins, copyFormat, fileName, log } = this.#options;
    this.#close();
    this.#problem = null;
    const calibration = new CalibrationFeed(core, location, summary.layers, {
      onState: (state) => this.#broadcast({ type: 'calibration', calibration: state }),
      onInputs: () => {
        planFeed.calibrationChanged();
        this.#model?.errors.update();
      },
      onProblem: (problem) => log.warn(`${fileName}: ${problemLog(problem)}`),
    });
    const planFeed = new PlanFeed(core, location, summary, copyFormat, calibration, {
      onRows: (message) => {
        this.#broadcast(message);
        for (const listener of this.#rowsChanged) listener(message.plan);
      },
      onPreview: (layer, preview) => {
        for (const page of this.#pages) if (page.current === layer) this.#postCodebook(page, layer, preview);
        this.#model?.errors.update();
      },
      onProblem: (line) => log.warn(`${fileName}: ${line}`),
    });
    const model = {
      location, summary, calibration, planFeed,
      statistics: new StatisticsFeed(core, location, summary.layers, histogramBins(), this.#weightsBefore),
      errors: new ErrorFeed(core, location, summary, document, planFeed, calibration),
      report: new KeptReport(),
    };
    this.#model = model;
    this.#versions++;
    this.#takePlan(model);
    this.evaluation.update();
    log.info(`${fileName}: ${summary.layers.length} layers, ${summary.bytes} bytes`);
    this.#broadcast({ type: 'problem', problem: null });
    for (const page of this.#pages) this.pageReady(page);
    for (const listener of this.#opened) listener(model);
  }

  #takePlan({ planFeed, calibration }: OpenedModel): void {
    planFeed.setPlan(this.#options.document);
    calibration.setData(planFeed.tuning.calibration);
  }

  #close(): void {
    this.#model?.calibration.dispose();
    this.#model?.planFeed.dispose();
    if (this.#model) this.#weightsBefore = this.#model.statistics.known;
    this.#model?.statistics.dispose();
    this.#model?.errors.dispose();
    this.#model = null;
    this.#waitsFor = null;
  }

  /** All layers at once, and what the plan says of them as far as one message goes; the rest follows. */
  #postModel(page: PageView, { location, summary, planFeed, calibration }: OpenedModel): void {
    const [first = []] = pieces(summary.layers);
    page.post({
      type: 'model',
      header: headerOf(this.#options.fileName, summary, location.bytes === undefined),
      layers: summary.layers.map(layerRowOf),
      plan: planFeed.rows(first),
      budget: planFeed.budget(),
    });
    if (calibration.state) page.post({ type: 'calibration', calibration: calibration.state });
    if (this.evaluation.state) page.post({ type: 'evaluation', evaluation: this.evaluation.state });
    void planFeed.sendRows(summary.layers.slice(first.length), (message) => page.post(message));
  }

  #postCodebook(page: PageView, index: number, preview: LayerPreview | null): void {
    page.post({ type: 'codebook', index, codebook: preview && codebookOf(preview) });
  }

  #broadcast(message: HostMessage): void {
    for (const page of this.#pages) page.post(message);
  }
}
