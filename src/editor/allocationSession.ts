import { withCodingLengths, type LayerOption, type LayerOptions } from '../core/allocation/layerOptions';
import { endLayers, withFixedWidth } from '../core/allocation/endLayers';
import type { CopyFormat } from '../core/encodings/copyFormat';
import type { Problem } from '../core/errors';
import { sqnrDb } from '../core/metrics/errorMeasures';
import { layerKey, type Layer } from '../core/onnx/layer';
import type { BitWidth } from '../core/plan/layerSettings';
import {
  DEFAULT_CODING, type AllocationCurve, type AllocationPoint, type AllocationTarget, type ChosenWidths, type LayerToAllocate, type MeasuredError,
} from '../protocol/allocation';
import type { AllocationAction, AllocationChoice, AllocationChoices, FoundAllocation } from '../protocol/allocationPage';
import type { ModelLocation, Outcome } from '../protocol/coreService';
import type { HostMessage } from '../protocol/page';
import { problemLine } from '../protocol/problemText';
import type { CoreClient } from '../workers/coreClient';
import type { CallOptions } from '../workers/pooledJob';
import { PRIORITY } from './priorities';
import { forPage } from './question';

/** Width of the first and the last layer where they are not to follow the others. */
const END_BITS: BitWidth = 8;

/** Layers and what each would take and lose at every width. */
export interface MeasuredLayers {
  location: ModelLocation;
  /** All of the model. */
  layers: readonly Layer[];
  wanted: LayerToAllocate[];
  options: LayerOptions[];
  by: MeasuredError;
  format: CopyFormat;
}

export interface AllocationEvents {
  post(message: HostMessage): void;
  /** Runs work that takes long, with progress and a way to cancel it. */
  watch<T>(work: (options: CallOptions) => Promise<Outcome<T>>): Promise<Outcome<T>>;
  onProblem(problem: Problem): void;
  /** Widths by `layerKey` are to go into the plan. */
  onApply(widths: ReadonlyMap<string, BitWidth | 'float'>, averageBits: number): void;
  /** Whether what was measured is still what the plan and the model say. */
  isCurrent(): boolean;
}

/** What a page's panel of allocations shows: it draws the choices, the widths behind them stay here. */
export class AllocationSession {
  readonly #core: CoreClient;
  readonly #measured: MeasuredLayers;
  readonly #events: AllocationEvents;
  #points: AllocationPoint[] = [];
  #endsFixed = false;
  #lengths: number[] | null = null;
  /** The last that was asked for: it is looked for again among other choices. */
  #target: AllocationTarget | null = null;
  /** How many answers of a kind were begun: an older one that comes late is dropped. */
  #asked = 0;
  #finds = 0;
  /** Which of the choices asked for are on the page. */
  #shown = 0;
  #closed = false;

  constructor(core: CoreClient, measured: MeasuredLayers, events: AllocationEvents) {
    this.#core = core;
    this.#measured = measured;
    this.#events = events;
  }

  /** Shows all choices, in a page that may have started anew. */
  async show(): Promise<void> {
    if (!this.#isOpen()) return;
    const asked = ++this.#asked;
    const { location, wanted, format } = this.#measured;
    const outcome = await this.#core.allocationCurves(location, wanted, this.#options(), format, { priority: PRIORITY.asked });
    if (asked !== this.#asked || !this.#isOpen()) return;
    if (!outcome.ok) return this.#events.onProblem(outcome.problem);
    const { weightBits, bytes, equal } = outcome.value;
    const search = this.#target && await this.#search(this.#target);
    if (asked !== this.#asked || !this.#isOpen()) return;
    this.#points = [];
    this.#shown = asked;
    const choice = (point: AllocationPoint): AllocationChoice => this.#choice(point);
    const curve = ({ optimal, codingLength }: AllocationCurve): AllocationChoices['bytes'] => (
      { optimal: optimal.map(choice), codingLength: codingLength && codingLength.map(choice) }
    );
    const { layers, options, by } = this.#measured;
    this.#events.post({ type: 'allocation', choices: {
      by,
      layers: options.length,
      ends: { names: this.#ends().map((layer) => layers[layer]!.name), fixed: this.#endsFixed },
      weightBits: curve(weightBits), bytes: curve(bytes), equal: equal.map(choice),
    }, found: search && this.#found(search) });
  }

  async act(action: AllocationAction): Promise<void> {
    if (!this.#isOpen()) return;
    switch (action.kind) {
      case 'ends':
        this.#endsFixed = action.fixed;
        return this.show();
      case 'codingLengths': return this.#measureLengths();
      case 'find':
        this.#target = action.target;
        return this.#find(action.target);
      case 'apply': return this.#apply(action.point);
      case 'close': return this.close();
    }
  }

  /** Takes the panel away; what was not applied is forgotten. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#points = [];
    this.#events.post({ type: 'allocation', choices: null, found: null });
  }

  /** What was measured under another plan says nothing of this one. */
  #isOpen(): boolean {
    if (!this.#closed && !this.#events.isCurrent()) this.close();
    return !this.#closed;
  }

  #ends(): number[] {
    const measured = new Set(this.#measured.options.map(({ layer }) => layer));
    return endLayers(this.#measured.layers).filter((layer) => measured.has(layer));
  }

  #options(): LayerOptions[] {
    const { options } = this.#measured;
    const withLengths = this.#lengths ? withCodingLengths(options, this.#lengths) : options;
    return this.#endsFixed ? withFixedWidth(withLengths, this.#ends(), END_BITS) : withLengths;
  }

  async #measureLengths(): Promise<void> {
    const { location, options } = this.#measured;
    const layers = options.map(({ layer }) => layer);
    const outcome = await this.#events.watch((call) => this.#core.codingLengths(location, layers, DEFAULT_CODING, call));
    if (outcome.ok) this.#lengths = outcome.value;
    else this.#events.onProblem(outcome.problem);
    return this.show();
  }

  /** Choices that are on their way bring the answer with them. */
  async #find(target: AllocationTarget): Promise<void> {
    if (this.#shown !== this.#asked) return this.show();
    const [asked, find] = [this.#asked, ++this.#finds];
    const search = await this.#search(target);
    if (asked !== this.#asked || find !== this.#finds || !this.#isOpen()) return;
    this.#events.post({ type: 'allocationFound', found: this.#found(search) });
  }

  #search(target: AllocationTarget): Promise<Outcome<ChosenWidths>> {
    const { location, wanted, by, format } = this.#measured;
    return this.#core.chooseWidths(location, wanted, this.#options(), { by, target, format }, { priority: PRIORITY.asked });
  }

  #found(search: Outcome<ChosenWidths>): FoundAllocation {
    if (!search.ok) return { problem: problemLine(search.problem) };
    const { widths, noise, size: { averageBits, bytesAfter } } = search.value;
    return { point: this.#choice({ bits: widths.map(({ bits }) => bits), noise, averageBits, bytes: bytesAfter }) };
  }

  #apply(id: number): void {
    const point = this.#points[id];
    if (!point) return;
    const { layers, options } = this.#measured;
    this.close();
    this.#events.onApply(
      new Map(options.map(({ layer }, i) => [layerKey(layers[layer]!), point.bits[i]!])), point.averageBits,
    );
  }

  #choice(point: AllocationPoint): AllocationChoice {
    const { averageBits, bytes, noise, bits } = point;
    const id = this.#points.push(point) - 1;
    return { id, averageBits, bytes, noiseDb: forPage(-sqnrDb(1, noise)), worst: this.#worst(bits), widths: counted(bits) };
  }

  #worst(bits: AllocationPoint['bits']): AllocationChoice['worst'] {
    const noises = this.#measured.options.map(({ options }, i) => options.find((option) => option.bits === bits[i])?.noise ?? 0);
    const most = noises.reduce((a, b) => Math.max(a, b), 0);
    const worst = this.#measured.options[noises.indexOf(most)];
    return most === 0 || !worst ? null : { name: this.#measured.layers[worst.layer]!.name, sqnrDb: sqnrDb(1, most) };
  }
}

function counted(bits: readonly LayerOption['bits'][]): AllocationChoice['widths'] {
  const counts = new Map<LayerOption['bits'], number>();
  for (const each of bits) counts.set(each, (counts.get(each) ?? 0) + 1);
  return [...counts].map(([width, layers]) => ({ bits: width, layers })).sort((a, b) => rank(a.bits) - rank(b.bits));
}

function rank(bits: LayerOption['bits']): number {
  return bits === 'float' ? Infinity : bits;
}
