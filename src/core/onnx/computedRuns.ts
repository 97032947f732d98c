import type { CancelSignal } from '../job';
import {
  allocate, cast, evaluate, gather, requireRoom, rounded, strides, watchOf, type Numbers, type Watch,
} from './computedWeights';
import type { FloatArray } from './dataType';
import { elementCount } from './elementCount';
import type { ConstantStep, StoredTensor } from './modelIndex';

/** Where elements of constants come from. Arrays are the caller's to keep. */
export interface ConstantReader {
  all(tensor: StoredTensor): Numbers;
  /** Null where they cannot be read from anywhere but the start. */
  run(tensor: StoredTensor, from: number, count: number): Numbers | null;
}

/**
 * A weight as `computedWeights` evaluates it, run by run: embeddings of language models are too large for memory as a whole.
 * @throws CoreError as `computedWeights`
 */
export function* computedRuns(
  steps: ConstantStep[], read: ConstantReader, runElements: number, signal: CancelSignal | undefined,
): Generator<FloatArray> {
  const runs = new Runs(steps, read, watchOf(signal));
  const last = steps.length - 1;
  const elements = elementCount(steps[last]!.dims);
  for (let at = 0; at < elements; at += runElements) {
    yield runs.run(last, at, Math.min(runElements, elements - at)) as FloatArray;
  }
}

/** An operand's elements, and where of them that for an element of the result is. */
interface Operand {
  values: Numbers;
  at: (element: number) => number;
  /** To the next along the last axis. */
  step: number;
}

class Runs {
  readonly #whole = new Map<number, Numbers>();
  readonly #uses: number[];
  /** Elements computed as a whole. */
  #held = 0;

  constructor(readonly steps: ConstantStep[], readonly read: ConstantReader, readonly watch: Watch) {
    this.#uses = steps.map(() => 0);
    for (const input of steps.flatMap(({ inputs }) => inputs)) this.#uses[input]!++;
  }

  /** Elements of a step's result in stored order. */
  run(position: number, from: number, count: number): Numbers {
    const known = this.#whole.get(position);
    if (known) return known.subarray(from, from + count);
    requireRoom(count);
    return this.#run(position, from, count) ?? this.#all(position).subarray(from, from + count);
  }

  /** Null where they are not to be had alone. */
  #run(position: number, from: number, count: number): Numbers | null {
    const step = this.steps[position]!;
    const { op, inputs: [first = 0], dtype } = step;
    if (op === 'Constant') return this.read.run(step.constant!, from, count);
    // Evaluated once for each use, chains of steps that are used twice would take exponential time.
    if (this.#uses[position]! > 1) return null;
    switch (op) {
      case 'Cast': return cast(this.run(first, from, count), dtype, this.watch);
      case 'Reshape': return this.run(first, from, count);
      case 'Gather': return this.#gathered(step, from, count);
      case 'Slice': return this.#sliced(step, from, count);
      case 'Add': case 'Sub': case 'Mul': return this.#combined(step, from, count);
      default: return null;
    }
  }

  #all(position: number): Numbers {
    const known = this.#whole.get(position);
    if (known) return known;
    const step = this.steps[position]!;
    const elements = elementCount(step.dims);
    if (!step.constant) requireRoom(this.#held += elements);
    const all = this.#run(position, 0, elements) ?? this.#evaluated(step);
    this.#whole.set(position, all);
    return all;
  }

  #evaluated(step: ConstantStep): Numbers {
    const values: Numbers[] = [];
    for (const input of step.inputs) values[input] = this.#all(input);
    return evaluate(step, values, this.steps, (tensor) => this.read.all(tensor), this.watch);
  }

  /** From a table along its first axis. */
  #gathered(step: ConstantStep, from: number, count: number): Numbers | null {
    const [table, indices] = step.inputs as [number, number];
    const { dims } = this.steps[table]!;
    if (step.parameters[0] !== 0) return null;
    const inner = elementCount(dims.slice(1));
    const start = Math.floor(from / inner);
    const codes = this.run(indices, start, Math.ceil((from + count) / inner) - start);
    const rows = gather(this.#all(table), dims, codes, { ...step, dims: [codes.length, inner] }, this.watch);
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
      this.watch(piece);
      at += piece;
    }
    return out;
  }

  #combined({ op, inputs, dims, dtype }: ConstantStep, from: number, count: number): Numbers {
    const [a, b] = inputs.map((input) => this.#operand(input, dims, from, count)) as [Operand, Operand];
    const out = allocate({ dtype, dims: [count] });
    const line = dims.at(-1) ?? 1;
    for (let at = from; at < from + count;) {
      const piece = Math.min(line - (at % line), from + count - at);
      let [i, k] = [a.at(at), b.at(at)];
      for (let next = at - from; next < at - from + piece; next++, i += a.step, k += b.step) {
        const [x, y] = [a.values[i]!, b.values[k]!];
        out[next] = op === 'Mul' ? x * y : op === 'Add' ? x + y : x - y;
      }
      this.watch(piece);
      at += piece;
    }
    return rounded(out, dtype, this.watch);
  }

  /** One that is repeated is had as a whole. */
  #operand(position: number, dims: number[], from: number, count: number): Operand {
    const own = this.steps[position]!.dims;
    if (elementCount(own) === elementCount(dims)) {
      return { values: this.run(position, from, count), at: (element) => element - from, step: 1 };
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
    return { values: this.#all(position), at, step: distances.at(-1) ?? 0 };
  }
}
