import { seededRandom, type BuiltModel } from '../fixtures/modelBuilder';
import { judge } from './judge';
import { mutate } from './mutations';
import { allFields, parseWire, type WireField } from './wireTree';

/** Large models have a turn in one case of so many. */
const MANY_EVERY = 4;

/** A sound model, taken apart once for all its mutations. */
export interface FuzzSeed {
  fields: readonly WireField[];
  /** How many fields there are, those inside others included. */
  size: number;
  external: BuiltModel['external'];
}

/** One mutated file. */
export interface FuzzCase {
  model: Uint8Array;
  external: BuiltModel['external'];
  /** Which settings it is quantized with. */
  choice: number;
}

/** What a run of cases came to. */
export interface Campaign {
  /** How often each outcome of `judge` came up. */
  outcomes: Record<string, number>;
  defects: { number: number; error: string }[];
  /** The most memory that the process held, bytes. */
  peakBytes: number;
}

export function fuzzSeed({ model, external }: BuiltModel): FuzzSeed {
  const fields = parseWire(model, 'model');
  return { fields, size: allFields(fields).length, external };
}

/** Case `number` of the run of `seed`: it depends on nothing else, so that each can be looked at by itself. */
export function fuzzCase(seeds: readonly FuzzSeed[], seed: number, number: number): FuzzCase {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
  const { fields, external } = seedFor(seeds, random, number % MANY_EVERY === 0 ? 2 : 4);
  return { model: mutate(fields, random), external, choice: number };
}

/** The simplest one of `draws`: a model of 18,000 fields takes as long as a hundred small ones, and goes the same ways. */
function seedFor(seeds: readonly FuzzSeed[], random: () => number, draws: number): FuzzSeed {
  const drawn = Array.from({ length: draws }, () => seeds[Math.floor(random() * seeds.length)]!);
  return drawn.reduce((simplest, seed) => (seed.size < simplest.size ? seed : simplest));
}

/** Judges cases `first` to `first + count - 1`; `onCase` is told of each before it begins. */
export function campaign(
  seeds: readonly FuzzSeed[], seed: number, [first, count]: [number, number], onCase: (number: number) => void = () => {},
): Campaign {
  const result: Campaign = { outcomes: {}, defects: [], peakBytes: 0 };
  for (let number = first; number < first + count; number++) {
    onCase(number);
    const { model, external, choice } = fuzzCase(seeds, seed, number);
    let outcome = 'defect';
    try {
      outcome = judge(model, external, choice);
    } catch (error) {
      result.defects.push({ number, error: error instanceof Error ? `${error.stack}` : String(error) });
    }
    result.outcomes[outcome] = (result.outcomes[outcome] ?? 0) + 1;
    if ((number - first) % 64 === 0) result.peakBytes = Math.max(result.peakBytes, process.memoryUsage.rss());
  }
  return result;
}
