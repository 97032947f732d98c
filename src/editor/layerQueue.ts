/**
 * Runs one task a layer, a bounded number at a time and the urgent ones first. Tasks that are not urgent leave one place
 * free, so that what a person looks at is never behind the rest of a large model.
 */
export class LayerQueue {
  readonly #run: (layer: number, signal: AbortSignal) => Promise<void>;
  readonly #limit: number;
  readonly #pending = new Set<number>();
  readonly #running = new Map<number, AbortController>();
  #urgent: readonly number[] = [];

  /** `run` deals with its own failures; its signal is aborted by `cancel` and `clear`. */
  constructor(run: (layer: number, signal: AbortSignal) => Promise<void>, limit: number) {
    this.#run = run;
    this.#limit = limit;
  }

  /** Queues the layers that are not waiting or running already. */
  add(layers: Iterable<number>): void {
    for (const layer of layers) if (!this.#running.has(layer)) this.#pending.add(layer);
    this.#fill();
  }

  /** Forgets what has not started and is not among `layers`, and queues the rest. */
  replace(layers: Iterable<number>): void {
    this.#pending.clear();
    this.add(layers);
  }

  /** Stops a layer's task, started or not. */
  cancel(layer: number): void {
    this.#pending.delete(layer);
    this.#running.get(layer)?.abort();
    this.#running.delete(layer);
  }

  clear(): void {
    for (const layer of [...this.#pending, ...this.#running.keys()]) this.cancel(layer);
  }

  /** Which layers go before all others, most urgent first. */
  setUrgent(layers: readonly number[]): void {
    this.#urgent = layers;
    this.#fill();
  }

  #fill(): void {
    while (this.#running.size < this.#limit) {
      const urgent = this.#urgent.find((layer) => this.#pending.has(layer));
      if (urgent === undefined && this.#running.size >= this.#limit - 1) return;
      const layer = urgent ?? this.#pending.values().next().value;
      if (layer === undefined) return;
      this.#pending.delete(layer);
      const controller = new AbortController();
      this.#running.set(layer, controller);
      void this.#run(layer, controller.signal).finally(() => {
        if (this.#running.get(layer) === controller) this.#running.delete(layer);
        this.#fill();
      });
    }
  }
}
