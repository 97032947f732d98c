import { isFloatType } from '../core/onnx/dataType';
import type { Layer } from '../core/onnx/layer';
import type { PlannedLayer } from '../core/plan/layerSettings';
import type { ModelLocation, ModelSummary } from '../protocol/coreService';
import type { HostMessage, Inspected } from '../protocol/page';
import type { CoreClient } from '../workers/coreClient';
import type { CalibrationFeed } from './calibrationFeed';
import { channelErrors, channelRanges } from './layerChannels';
import { layerErrors } from './layerErrors';
import { layerNodes } from './layerNodes';
import { methodCurves, quickInputs, settingsToTry } from './methodCurves';
import type { PageView } from './pageView';
import type { PlanDocument } from './planDocument';
import type { PlanFeed } from './planFeed';
import { PRIORITY } from './priorities';
import type { Question } from './question';
import { settingsAfter } from './settingsAfter';
import { supportCurve } from './supportCurve';

/** Answers kept for layers that were looked at before, a few KB each. */
const KEPT_QUESTIONS = 300;

/**
 * What the inspector's charts show of the current layer, computed only while someone looks at it: one call at a time, so that
 * a worker is left for what a person does meanwhile.
 */
export class ErrorFeed {
  readonly #core: CoreClient;
  readonly #location: ModelLocation;
  readonly #model: ModelSummary;
  readonly #document: Pick<PlanDocument, 'plan'>;
  readonly #planFeed: PlanFeed;
  readonly #calibration: CalibrationFeed;
  /** By key, least recently wanted first. */
  readonly #known = new Map<string, Question>();
  /** What each page was told of what it shows now, by kind of question. */
  readonly #told = new Map<PageView, Map<string, HostMessage>>();
  #running: { question: Question; stop: AbortController } | null = null;

  constructor(
    core: CoreClient, location: ModelLocation, model: ModelSummary, document: Pick<PlanDocument, 'plan'>, planFeed: PlanFeed,
    calibration: CalibrationFeed,
  ) {
    this.#core = core;
    this.#location = location;
    this.#model = model;
    this.#document = document;
    this.#planFeed = planFeed;
    this.#calibration = calibration;
  }

  /** The page starts with nothing. */
  addPage(page: PageView): void {
    this.#told.set(page, new Map());
  }

  removePage(page: PageView): void {
    this.#told.delete(page);
    this.update();
  }

  /** To be called when a page looks at something else or the plan has changed: tells what is known, computes what is not. */
  update(): void {
    const wanted = new Set<Question>();
    for (const page of this.#told.keys()) {
      const questions = this.#questions(page);
      for (const question of questions) wanted.add(question);
      this.#tell(page, questions);
    }
    this.#trim(wanted);
    if (this.#running && !wanted.has(this.#running.question)) {
      this.#running.stop.abort();
      this.#running = null;
    }
    if (!this.#running) this.#advance(wanted);
  }

  dispose(): void {
    this.#running?.stop.abort();
    this.#running = null;
    this.#told.clear();
  }

  #advance(wanted: ReadonlySet<Question>): void {
    const steps = [...wanted].flatMap((question) => {
      const step = question.next(this.#planFeed.settingsOf(question.layer));
      return step ? [{ question, step }] : [];
    });
    const first = steps.find(({ step }) => !step.confirms) ?? steps[0];
    if (!first) return;
    const running = { question: first.question, stop: new AbortController() };
    this.#running = running;
    const priority = first.step.confirms ? PRIORITY.confirm : PRIORITY.statistics;
    void first.step.run({ signal: running.stop.signal, priority }).then(() => {
      if (this.#running !== running) return;
      this.#running = null;
      this.update();
    });
  }

  /** What the page shows, the most telling first. */
  #questions({ current, inspected }: PageView): Question[] {
    const layer = current === null ? undefined : this.#model.layers[current];
    if (!layer) return [];
    return this.#asked(layer, inspected).map((question) => this.#remembered(question));
  }

  #asked(layer: Layer, { tab, perTensor }: Inspected): Question[] {
    if (tab === 'node') return [layerNodes(this.#core, this.#location, layer)];
    const planned = this.#shownSettings(layer);
    if (tab === 'channels') {
      if (!isFloatType(layer.dtype)) return [];
      const ranges = channelRanges(this.#core, this.#location, layer.index);
      return planned ? [ranges, channelErrors(this.#core, this.#location, planned)] : [ranges];
    }
    if (layer.quantizable !== true) return [];
    const { plan } = this.#document;
    if (tab === 'distribution') {
      return [supportCurve(this.#core, this.#location, { layer: layer.index, settings: settingsAfter(plan, layer, {}) })];
    }
    const inputs = quickInputs(this.#calibration, layer.index);
    const curves = methodCurves(this.#core, this.#location, layer, settingsToTry(plan, layer, perTensor), inputs);
    return planned ? [curves, layerErrors(this.#core, this.#location, planned)] : [curves];
  }

  /** The settings whose errors are shown, once they are known to work. */
  #shownSettings({ index }: Layer): PlannedLayer | null {
    const preview = this.#planFeed.previewOf(index);
    return preview && { layer: index, settings: preview.settings };
  }

  /** The question as it was asked before, with what came of it. */
  #remembered(asked: Question): Question {
    const question = this.#known.get(asked.key) ?? asked;
    this.#known.delete(asked.key);
    this.#known.set(asked.key, question);
    return question;
  }

  #trim(wanted: ReadonlySet<Question>): void {
    for (const [key, question] of this.#known) {
      if (this.#known.size <= KEPT_QUESTIONS) return;
      if (!wanted.has(question)) this.#known.delete(key);
    }
  }

  /** What is not asked any more is forgotten: the page may have dropped it, and is told again. */
  #tell(page: PageView, questions: readonly Question[]): void {
    const told = this.#told.get(page);
    const answers = questions.flatMap(({ answer }) => answer ?? []);
    this.#told.set(page, new Map(answers.map((answer) => [answer.type === 'curveProblem' ? answer.of : answer.type, answer])));
    for (const answer of answers) if (![...(told?.values() ?? [])].includes(answer)) page.post(answer);
  }
}
