import { isFloatType } from '../core/onnx/dataType';
import { layerKey, type Layer } from '../core/onnx/layer';
import type { CoreClient } from '../workers/coreClient';
import type { ModelLocation } from '../protocol/coreService';
import type { HostMessage } from '../protocol/page';
import { problemText } from '../protocol/problemText';
import { LayerQueue } from './layerQueue';
import { statisticsOf, type KnownWeights } from './pageRows';
import { watchedLayers, type PageView } from './pageView';
import { CONCURRENT_LAYERS, PRIORITY } from './priorities';

/**
 * Statistics of the layers people look at: computed once for each, sent to each page that shows it, beside what was known of
 * the layer when the file was another. Weights that are not floating point, codes of a quantized model for one, have none.
 */
export class StatisticsFeed {
  readonly #answers = new Map<number, HostMessage>();
  readonly #sent = new Map<PageView, Set<number>>();
  readonly #known = new Map<string, KnownWeights>();
  /** Layers of which the file's version before is known. */
  readonly #comparable: readonly number[];
  /** How far they moved, as far as that is known. */
  readonly #drift = new Map<number, number>();
  #driftIsWanted = true;
  #metFault = false;
  readonly #layers: readonly Layer[];
  readonly #queue: LayerQueue;

  /** `before`: weights of the file's version before, by `layerKey`. */
  constructor(
    core: CoreClient, model: ModelLocation, layers: readonly Layer[], bins: number, before: ReadonlyMap<string, KnownWeights>,
  ) {
    this.#layers = layers;
    const keys = layers.map(layerKey);
    for (const key of keys) if (before.has(key)) this.#known.set(key, before.get(key)!);
    this.#comparable = layers.flatMap((_, layer) => (before.has(keys[layer]!) ? [layer] : []));
    this.#queue = new LayerQueue(async (layer, signal) => {
      const outcome = await core.layerStatistics(model, layer, bins, { signal, priority: PRIORITY.statistics });
      if (signal.aborted) return;
      const key = keys[layer]!;
      const answer: HostMessage = outcome.ok
        ? { type: 'statistics', statistics: statisticsOf(layer, outcome.value, before.get(key)) }
        : { type: 'layerProblem', index: layer, problem: problemText(outcome.problem) };
      if (outcome.ok) this.#known.set(key, outcome.value);
      else if (outcome.problem.code !== 'external-missing') this.#metFault = true;
      this.#answers.set(layer, answer);
      for (const page of this.#sent.keys()) this.#send(page, layer);
      if (answer.type === 'statistics' && answer.statistics.previous) this.#announceDrift(layer, answer.statistics.previous.ks);
    }, CONCURRENT_LAYERS);
  }

  /** What is known of weights by `layerKey`: this version's where they were looked at, else what was known before. */
  get known(): ReadonlyMap<string, KnownWeights> {
    return this.#known;
  }

  /** Whether weights could not be read that are there: they may be, another time, of files that look the same. */
  get metFault(): boolean {
    return this.#metFault;
  }

  /** The page starts with nothing. */
  addPage(page: PageView): void {
    this.#sent.set(page, new Set());
    if (this.#drift.size > 0) page.post({ type: 'drift', layers: [...this.#drift].map(([index, ks]) => ({ index, ks })) });
  }

  removePage(page: PageView): void {
    this.#sent.delete(page);
  }

  /** Pages are no longer told what moved with the last change of the file. */
  dismissDrift(): void {
    this.#driftIsWanted = false;
    this.#drift.clear();
    this.update();
  }

  /**
   * To be called when what people look at has changed: sends what is known and queues the rest, dropping what scrolled away.
   * Layers to be compared with the file's version before follow, so that those that moved most are known.
   */
  update(): void {
    const watched = watchedLayers(this.#sent.keys());
    for (const page of this.#sent.keys()) for (const layer of watchedLayers([page])) this.#send(page, layer);
    this.#queue.setUrgent(watched);
    const wanted = this.#driftIsWanted ? [...watched, ...this.#comparable] : watched;
    this.#queue.replace(wanted.filter((layer) => this.#hasStatistics(layer) && !this.#answers.has(layer)));
  }

  dispose(): void {
    this.#queue.clear();
    this.#sent.clear();
  }

  #announceDrift(index: number, ks: number): void {
    if (!this.#driftIsWanted) return;
    this.#drift.set(index, ks);
    for (const page of this.#sent.keys()) page.post({ type: 'drift', layers: [{ index, ks }] });
  }

  #hasStatistics(layer: number): boolean {
    const dtype = this.#layers[layer]?.dtype;
    return dtype !== undefined && isFloatType(dtype);
  }

  #send(page: PageView, layer: number): void {
    const answer = this.#answers.get(layer);
    const sent = this.#sent.get(page);
    if (!answer || !sent || sent.has(layer) || !watchedLayers([page]).includes(layer)) return;
    sent.add(layer);
    page.post(answer);
  }
}
