import type { Cost, Result } from './program';
import { below, judged, NOTHING, number, table, type Target } from './text';

const MEGABYTES = below(200);

interface Column {
  head: string;
  value: (cost: Cost) => number;
  /** For our programs. */
  target?: Target;
}

/** Time and memory of programs, and what else follows from them. */
export function costTable(results: Result[], columns: Column[]): string {
  const all: Column[] = [
    { head: 'Seconds', value: ({ seconds }) => seconds },
    ...columns,
    { head: 'Processor seconds', value: ({ cpuSeconds }) => cpuSeconds },
    { head: 'Peak MB', value: ({ megabytes }) => megabytes, target: MEGABYTES },
  ];
  return table(['', ...all.map(({ head }) => head)], results.map(({ program: { name, isOurs }, cost, absent = NOTHING }) => [
    name, ...all.map(({ value, target }, i) => {
      if (!cost) return i === 0 ? absent : NOTHING;
      return isOurs && target ? judged(value(cost), target) : number(value(cost));
    }),
  ]));
}

/** By how much a program takes less time than `other`; NaN where that was not measured. */
export function timesAsFastAs(other: Result | undefined): (cost: Cost) => number {
  return ({ seconds }) => (other?.cost?.seconds ?? NaN) / seconds;
}

export function gigabytesASecond(bytes: number): (cost: Cost) => number {
  return ({ seconds }) => bytes / 1e9 / seconds;
}
