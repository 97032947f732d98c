import { isFloatType } from '../core/onnx/dataType';
import type { Layer } from '../core/onnx/layer';
import type { CoreClient } from '../workers/coreClient';
import type { ModelLocation } from '../protocol/coreService';
import type { HostMessage } from '../protocol/page';
import { problemText } from '../protocol/problemText';
import { LayerQueue } from './layerQueue';
import { statisticsOf } from './pageRows';
import { watchedLayers, type PageView } from './pageView';
import { CONCURRENT_LAYERS, PRIORITY } from './priorities';

/**
 * Statistics of the layers people look at: computed once for each, sent to each page that shows it. Weights that are not
 * floating point, codes of a quantized model for one, have none.
 */
export class StatisticsFeed {
  readonly #answers = new Map<number, HostMessage>();
  readonly #sent = new Map<PageView, Set<number>>();
  readonly #layers: readonly Layer[];
  readonly #queue: LayerQueue;

  constructor(core: CoreClient, model: ModelLocation, layers: readonly Layer[], bins: number) {
    this.#layers = layers;
    this.#queue = new LayerQueue(async (layer, signal) => {
      const outcome = await core.layerStatistics(model, layer, bins, { signal, priority: PRIORITY.statistics });
      if (signal.aborted) return;
      const answer: HostMessage = outcome.ok
        ? { type: 'statistics', statistics: statisticsOf(layer, outcome.value) }
        : { type: 'layerProblem', index: layer, problem: problemText(outcome.problem) };
      this.#answers.set(layer, answer);
      for (const page of this.#sent.keys()) this.#send(page, layer);
    }, CONCURRENT_LAYERS);
  }

  /** The page starts with nothing. */
  addPage(page: PageView): void {
    this.#sent.set(page, new Set());
  }

  removePage(page: PageView): void {
    this.#sent.delete(page);
  }

  /** To be called when what people look at has changed: sends what is known and queues the rest, dropping what scrolled away. */
  update(): void {
    const watched = watchedLayers(this.#sent.keys());
    for (const page of this.#sent.keys()) for (const layer of watchedLayers([page])) this.#send(page, layer);
    this.#queue.setUrgent(watched);
    this.#queue.replace(watched.filter((layer) => this.#hasStatistics(layer) && !this.#answers.has(layer)));
  }

  dispose(): void {
    this.#queue.clear();
    this.#sent.clear();
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
