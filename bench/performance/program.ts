import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Something that is timed as a process of its own. */
export interface Program {
  name: string;
  command: string[];
  /** Whether targets are for it. */
  isOurs?: boolean;
  /** What it needs and this machine has not. */
  missing?: string;
}

export interface Cost {
  seconds: number;
  /** Of processor time, of all threads; NaN where it was not measured. */
  cpuSeconds: number;
  /** Most that was resident; NaN where it was not measured. */
  megabytes: number;
}

/** What a program costs, or why that is not known. */
export interface Result {
  program: Program;
  cost?: Cost;
  absent?: string;
}

const ROUNDS = 3;
/** A program that takes longer is run once. */
const LONG_SECONDS = 30;
const TIME = '/usr/bin/time';

/** Medians of three runs. Programs take turns, so that what else the machine does meets all of them. */
export function compete(programs: Program[], scratch: string): Result[] {
  const runs = programs.map((): Cost[] => []);
  const absent = programs.map(({ missing }) => missing && `not installed: ${missing}`);
  for (let round = 0; round < ROUNDS; round++) {
    programs.forEach(({ name, command }, i) => {
      if (absent[i] || (runs[i]![0]?.seconds ?? 0) > LONG_SECONDS) return;
      const run = timed(command, scratch);
      console.error(`${name}: ${typeof run === 'string' ? run : `${run.seconds.toFixed(2)} s`}`);
      if (typeof run === 'string') absent[i] = run;
      else runs[i]!.push(run);
    });
  }
  return programs.map((program, i) => (absent[i] ? { program, absent: absent[i] } : { program, cost: medianCost(runs[i]!) }));
}

/** What one run costs, or the last line of its complaint. */
function timed(command: string[], scratch: string): Cost | string {
  const log = join(scratch, 'time.txt');
  // A process that is started from here would count this one's memory as its own; one that `time` starts does not.
  const [program = '', ...args] = existsSync(TIME) ? [TIME, '-f', '%U %S %M', '-o', log, ...command] : command;
  const start = performance.now();
  const { status, stderr, error } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) return `failed: ${error?.message ?? stderr.trim().split('\n').at(-1)}`;
  const [user = NaN, system = NaN, kilobytes = NaN] = program === TIME ? readFileSync(log, 'utf8').split(' ').map(Number) : [];
  return { seconds, cpuSeconds: user + system, megabytes: (kilobytes * 1024) / 1e6 };
}

function medianCost(runs: Cost[]): Cost {
  const of = (part: keyof Cost): number => median(runs.map((run) => run[part]));
  return { seconds: of('seconds'), cpuSeconds: of('cpuSeconds'), megabytes: of('megabytes') };
}

export function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
