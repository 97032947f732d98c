/** Changes that come in bursts are taken together after this time. */
const BATCH_MS = 16;

/** Layers of which something has changed, gathered until a burst of changes is over. */
export class LayerBatch {
  readonly #take: (layers: number[]) => void;
  readonly #changed = new Set<number>();
  #timer: NodeJS.Timeout | null = null;

  constructor(take: (layers: number[]) => void) {
    this.#take = take;
  }

  /** A batch of no layers is taken, too: totals may have changed. */
  add(layers: readonly number[]): void {
    for (const layer of layers) this.#changed.add(layer);
    this.#timer ??= setTimeout(() => this.#flush(), BATCH_MS);
  }

  dispose(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #flush(): void {
    this.#timer = null;
    const layers = [...this.#changed];
    this.#changed.clear();
    this.#take(layers);
  }
}
