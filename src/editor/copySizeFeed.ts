import type { CopyFormat } from '../core/encodings/copyFormat';
import type { CopySize } from '../core/encodings/copySize';
import type { PlannedLayer } from '../core/plan/layerSettings';
import type { ModelLocation } from '../protocol/coreService';
import { problemLine, skipReasonText } from '../protocol/problemText';
import type { CoreClient } from '../workers/coreClient';
import { nextTurn } from './pieces';
import { PRIORITY } from './priorities';

export interface CopySizeEvents {
  /** `changed`: layers of which something else is known now; `turned`: those that stay float since or are quantized since. */
  onSize(changed: readonly number[], turned: readonly number[]): void;
  /** The size could not be told. */
  onProblem(line: string): void;
}

/** What a copy of one opened model would take on disk, in total and layer by layer, as the plan changes. */
export class CopySizeFeed {
  readonly #core: CoreClient;
  readonly #location: ModelLocation;
  readonly #copyFormat: () => CopyFormat;
  readonly #events: CopySizeEvents;
  #total: CopySize | null = null;
  #bytesAfter = new Map<number, number>();
  #skipped = new Map<number, string>();
  #computing: AbortController | null = null;

  constructor(core: CoreClient, location: ModelLocation, copyFormat: () => CopyFormat, events: CopySizeEvents) {
    this.#core = core;
    this.#location = location;
    this.#copyFormat = copyFormat;
    this.#events = events;
  }

  /** As last computed; null before that. */
  get total(): CopySize | null {
    return this.#total;
  }

  bytesAfter(layer: number): number | undefined {
    return this.#bytesAfter.get(layer);
  }

  /** Why a copy leaves a planned layer float. */
  skipped(layer: number): string | undefined {
    return this.#skipped.get(layer);
  }

  /** What was known of the layer no longer holds. */
  forget(layer: number): void {
    this.#bytesAfter.delete(layer);
    this.#skipped.delete(layer);
  }

  /** Computes the size of what is planned when this turn is over, instead of what was being computed. */
  async compute(plannedLayers: () => PlannedLayer[]): Promise<void> {
    this.#computing?.abort();
    const computing = new AbortController();
    this.#computing = computing;
    await nextTurn();
    if (computing.signal.aborted) return;
    const planned = plannedLayers();
    const options = { signal: computing.signal, priority: PRIORITY.size };
    const outcome = await this.#core.copySize(this.#location, planned, this.#copyFormat(), options);
    if (computing.signal.aborted) return;
    if (outcome.ok) this.#take(outcome.value, planned);
    else this.#events.onProblem(problemLine(outcome.problem));
  }

  dispose(): void {
    this.#computing?.abort();
  }

  #take(total: CopySize, planned: readonly PlannedLayer[]): void {
    const [bytesBefore, skippedBefore] = [this.#bytesAfter, this.#skipped];
    const isPlanned = new Set(planned.map(({ layer }) => layer));
    this.#total = total;
    this.#bytesAfter = new Map(total.layers.map(({ layer, bytesAfter }) => [layer, bytesAfter]));
    this.#skipped = new Map(total.skipped
      .filter(({ layer }) => isPlanned.has(layer))
      .map(({ layer, reason }) => [layer, skipReasonText(reason)]));
    const known = new Set([...bytesBefore, ...this.#bytesAfter, ...skippedBefore, ...this.#skipped].map(([layer]) => layer));
    const changed = [...known].filter((layer) => (
      bytesBefore.get(layer) !== this.#bytesAfter.get(layer) || skippedBefore.get(layer) !== this.#skipped.get(layer)
    ));
    this.#events.onSize(changed, changed.filter((layer) => this.#skipped.has(layer) !== skippedBefore.has(layer)));
  }
}
