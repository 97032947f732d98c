import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { compete, type Program, type Result } from './program';
import { pythonProgram, quantscopeProgram, warm } from './programs';
import type { Subject } from './subjects';
import { atLeast, below, judged, NOTHING, number, table } from './text';

const GIGABYTES_A_SECOND = atLeast(0.8);
const MEGABYTES = below(200);

interface Method {
  name: string;
  options: string[];
}

export const ABS_MAX: Method = { name: 'uniform to the largest weight', options: ['--bits', '4', '--support', 'abs-max'] };
export const UNIFORM: Method = { name: 'uniform, least squared error', options: ['--bits', '4'] };
export const CODEBOOK: Method = { name: 'codebook (Lloyd-Max of the fitted density)', options: ['--bits', '4', '--method', 'lloyd-max', '--fit', 'model'] };

const PER_CHANNEL: string[] = [];
const PER_TENSOR = ['--granularity', 'tensor'];

/** What writing a copy at 4 bits costs, per channel and per tensor, against rounding in numpy. */
export function quantizeTable(subject: Subject, methods: Method[], scratch: string): string {
  const ours = [PER_CHANNEL, PER_TENSOR].flatMap((granularity) => methods.map(({ name, options }) => (
    quantizeProgram(`${name}, per ${granularity === PER_TENSOR ? 'tensor' : 'channel'}`, subject, [...options, ...granularity], scratch)
  )));
  const copy = copyIn(scratch);
  const numpy = pythonProgram('Python: `onnx.load`, nearest of 16 codes per tensor in numpy, `onnx.save`', 'quantize.py', subject.path, copy);
  warm(subject.files);
  const results = compete([...ours, numpy], scratch);
  removeCopy(scratch);
  const python = results.at(-1);
  const rows = results.map((result) => quantizeRow(result, result !== python, subject, python));
  return table(['', 'Seconds', 'GB/s', 'Times as fast as Python', 'Processor seconds', 'Peak MB'], rows);
}

/** Writes a copy to `scratch`, over the one before. */
export function quantizeProgram(name: string, { path }: Subject, options: string[], scratch: string): Program {
  return quantscopeProgram(name, 'quantize', path, '-o', copyIn(scratch), '--force', ...options);
}

export function removeCopy(scratch: string): void {
  for (const suffix of ['', '.data']) rmSync(copyIn(scratch) + suffix, { force: true });
}

function copyIn(scratch: string): string {
  return join(scratch, 'copy.onnx');
}

function quantizeRow({ name, cost, absent }: Result, isOurs: boolean, { bytes }: Subject, python?: Result): string[] {
  if (!cost) return [name, absent ?? '', NOTHING, NOTHING, NOTHING, NOTHING];
  const { seconds, cpuSeconds, megabytes } = cost;
  const speed = bytes / 1e9 / seconds;
  return [
    name, number(seconds), isOurs ? judged(speed, GIGABYTES_A_SECOND) : number(speed), number((python?.cost?.seconds ?? NaN) / seconds),
    number(cpuSeconds), isOurs ? judged(megabytes, MEGABYTES) : number(megabytes),
  ];
}
