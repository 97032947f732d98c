import { CoreError } from '../errors';
import { throwIfCancelled, type CancelSignal } from '../job';
import { SLICE } from '../statistics/cancelSlices';
import { elementCount } from './elementCount';
import { MAX_UNBACKED_ELEMENTS } from './limits';
import type { ConstantStep, StoredTensor } from './modelIndex';
import { allocate, cast, gather, multiplied, rounded, strides, tile, type Numbers, type Watch } from './stepOperators';

/** Where elements of constants come from. Arrays are the caller's to keep. */
export interface ConstantReader {
  all(tensor: StoredTensor): Numbers;
  /** Null where they cannot be read from anywhere but the start. */
  run(tensor: StoredTensor, from: number, count: number): Numbers | null;
}

/** An operand's elements, and where of them that for an element of the result is. */
interface Operand {
  values: Numbers;
  at: (element: number) => number;
  /** To the next, within so many elements of the result. */
  step: number;
  line: number;
}

/** Results of the steps to a weight: parts of them, or all where they are needed more than once. */
export class StepResults {
  readonly #whole = new Map<number, Numbers>();
  readonly #uses: number[];
  readonly #watch: Watch;
  /** Elements computed as a whole. */
  #held = 0;

  constructor(readonly steps: ConstantStep[], readonly read: ConstantReader, readonly signal: CancelSignal | undefined) {
    this.#watch = watchOf(signal);
    this.#uses = steps.map(() => 0);
    for (const input of steps.flatMap(({ inputs }) => inputs)) this.#uses[input]!++;
  }

  /** Elements of a step's result in stored order. */
  run(position: number, from: number, count: number): Numbers {
    throwIfCancelled(this.signal);
    const known = this.#whole.get(position);
    if (known) return known.subarray(from, from + count);
    requireRoom(count);
    const step = this.steps[position]!;
    // Evaluated once for each use, chains of steps that are used twice would take exponential time.
    const alone = step.constant || this.#uses[position]! < 2 ? this.#alone(step, from, count) : null;
    return alone ?? this.all(position).subarray(from, from + count);
  }

  /** All of them, kept for other uses. */
  all(position: number): Numbers {
    throwIfCancelled(this.signal);
    const known = this.#whole.get(position);
    if (known) return known;
    const step = this.steps[position]!;
    const elements = elementCount(step.dims);
    if (!step.constant) requireRoom(this.#held += elements);
    const all = this.#alone(step, 0, elements) ?? this.#together(step);
    this.#whole.set(position, all);
    return all;
  }

  /** Null where some are not to be had without all. */
  #alone(step: ConstantStep, from: number, count: number): Numbers | null {
    const { op, inputs: [first = 0], dtype } = step;
    switch (op) {
      case 'Constant': return this.read.run(step.constant!, from, count);
      case 'Cast': return cast(this.run(first, from, count), dtype, this.#watch);
      case 'Reshape': return this.run(first, from, count);
      case 'Gather': return step.parameters[0] === 0 ? this.#gathered(step, from, count) : null;
      case 'Slice': return this.#sliced(step, from, count);
      case 'Add': case 'Sub': case 'Mul': return this.#combined(step, from, count);
      default: return null;
    }
  }

  #together(step: ConstantStep): Numbers {
    if (step.constant) return this.read.all(step.constant);
    const inputs = step.inputs.map((input) => this.all(input));
    const { dims } = this.steps[step.inputs[0]!]!;
    switch (step.op) {
      case 'Gather': return gather(inputs[0]!, dims, inputs[1]!, step, this.#watch);
      case 'Tile': return tile(inputs[0]!, dims, step, this.#watch);
      default: return multiplied(step, inputs, this.#watch);
    }
  }

  /** From a table along its first axis. */
  #gathered(step: ConstantStep, from: number, count: number): Numbers {
    const [table, indices] = step.inputs as [number, number];
    const { dims } = this.steps[table]!;
    const inner = elementCount(dims.slice(1));
    const start = Math.floor(from / inner);
    const codes = this.run(indices, start, Math.ceil((from + count) / inner) - start);
    const rows = gather(this.all(table), dims, codes, { ...step, dims: [codes.length, inner] }, this.#watch);
    return rows.subarray(from - start * inner, from - start * inner + count);
  }

  #sliced({ inputs: [input], parameters, dtype }: ConstantStep, from: number, count: number): Numbers {
    const { dims } = this.steps[input!]!;
    const [axis, start, end] = parameters as [number, number, number];
    const inner = elementCount(dims.slice(axis + 1));
    const length = (end - start) * inner;
    const place = (element: number): number => (
      Math.floor(element / length) * dims[axis]! * inner + start * inner + (element % length)
    );
    const first = place(from);
    const values = this.run(input!, first, place(from + count - 1) + 1 - first);
    const out = allocate({ dtype, dims: [count] });
    for (let at = from; at < from + count;) {
      const piece = Math.min(length - (at % length), from + count - at);
      const own = place(at) - first;
      out.set(values.subarray(own, own + piece), at - from);
      this.#watch(piece);
      at += piece;
    }
    return out;
  }

  #combined({ op, inputs, dims, dtype }: ConstantStep, from: number, count: number): Numbers {
    const [a, b] = inputs.map((input) => this.#operand(input, dims, from, count)) as [Operand, Operand];
    const out = allocate({ dtype, dims: [count] });
    const line = Math.min(a.line, b.line);
    for (let at = from; at < from + count;) {
      const piece = Math.min(SLICE, line - (at % line), from + count - at);
      let [i, k] = [a.at(at), b.at(at)];
      for (let next = at - from; next < at - from + piece; next++, i += a.step, k += b.step) {
        const [x, y] = [a.values[i]!, b.values[k]!];
        out[next] = op === 'Mul' ? x * y : op === 'Add' ? x + y : x - y;
      }
      this.#watch(piece);
      at += piece;
    }
    return rounded(out, dtype, this.#watch);
  }

  /** One that is repeated is had as a whole. */
  #operand(position: number, dims: number[], from: number, count: number): Operand {
    const own = this.steps[position]!.dims;
    if (elementCount(own) === elementCount(dims)) {
      return { values: this.run(position, from, count), at: (element) => element - from, step: 1, line: elementCount(dims) };
    }
    const distances = strides(own, dims);
    const at = (element: number): number => {
      let index = 0;
      for (let axis = dims.length - 1, rest = element; axis >= 0; axis--) {
        index += (rest % dims[axis]!) * distances[axis]!;
        rest = Math.floor(rest / dims[axis]!);
      }
      return index;
    };
    return { values: this.all(position), at, ...evenLine(distances, dims) };
  }
}

/** How many elements of the result follow one another at even distances, and at which. */
function evenLine(distances: readonly number[], dims: readonly number[]): Pick<Operand, 'step' | 'line'> {
  let [step, line] = [distances.at(-1) ?? 0, 1];
  for (let axis = dims.length - 1; axis >= 0 && (line === 1 || distances[axis] === step * line); axis--) {
    if (line === 1) step = distances[axis]!;
    line *= dims[axis]!;
  }
  return { step, line };
}

/** What is computed is not backed by bytes in the file. @throws CoreError `limit-exceeded` */
export function requireRoom(elements: number): void {
  if (elements <= MAX_UNBACKED_ELEMENTS) return;
  throw new CoreError('limit-exceeded', {}, { what: 'elements that nodes compute', limit: MAX_UNBACKED_ELEMENTS });
}

/** Looks at the signal once a block: elements come one by one where a step's axes are short. */
function watchOf(signal: CancelSignal | undefined): Watch {
  let unwatched = 0;
  return (elements) => {
    unwatched += elements;
    if (unwatched < SLICE) return;
    unwatched = 0;
    throwIfCancelled(signal);
  };
}
