import { execFile } from 'node:child_process';
import { existsSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Subject } from './calibrationSubjects';

/** What the command line made of one network, and what came of it. */
export interface Run {
  /** Share of right answers on images that it was not calibrated on. */
  top1: number;
  /** SQNR of outputs of its worst layer, in dB, on calibration data. */
  worstOutputDb: number | null;
  /** Size of the copy. */
  bytes: number;
  /** What the process that wrote the copy took; null where /usr/bin/time is missing. */
  cost: Cost | null;
}

/** Processor time, which other work on the machine changes little, and memory at most. */
export interface Cost {
  cpuSeconds: number;
  megabytes: number;
}

const run = promisify(execFile);
const TIME = '/usr/bin/time';

/** Writes a copy by these options and evaluates it. */
export async function measured(subject: Subject, options: string[], scratch: string, id: string): Promise<Run> {
  const copy = path.join(scratch, `${subject.name}-${id}.onnx`);
  const { stdout, cost } = await cli('quantize', subject.model, '-o', copy, '--json', ...options, '--calibration', subject.calibration, ...subject.reading);
  const { layers } = JSON.parse(stdout) as { layers: { outputSqnrDb: number | null }[] };
  const outputs = layers.flatMap(({ outputSqnrDb }) => outputSqnrDb ?? []);
  const result = {
    top1: await accuracy(subject, copy), bytes: statSync(copy).size, cost,
    worstOutputDb: outputs.length === 0 ? null : Math.min(...outputs),
  };
  rmSync(copy);
  return result;
}

export async function accuracy({ inputs, labels, reading }: Subject, model: string): Promise<number> {
  const { stdout } = await cli('evaluate', model, '--json', '--inputs', inputs, '--labels', labels, ...reading);
  return (JSON.parse(stdout) as { evaluated: { top1: number } }).evaluated.top1;
}

/** Writes a plan of this many bits on average. */
export async function allocated(subject: Subject, options: string[], plan: string): Promise<void> {
  await cli('allocate', subject.model, '-o', plan, '--force', ...options, '--calibration', subject.calibration, ...subject.reading);
}

async function cli(...args: string[]): Promise<{ stdout: string; cost: Cost | null }> {
  const timed = existsSync(TIME);
  const command = [process.execPath, 'dist/cli.js', ...args];
  const [program, ...rest] = timed ? [TIME, '-f', '%U %S %M', ...command] : command;
  const { stdout, stderr } = await run(program!, rest, { maxBuffer: 2 ** 28 });
  return { stdout, cost: timed ? costOf(stderr.trim().split('\n').at(-1)!) : null };
}

function costOf(line: string): Cost {
  const [user, system, kilobytes] = line.split(' ').map(Number) as [number, number, number];
  return { cpuSeconds: user + system, megabytes: kilobytes / 1024 };
}
