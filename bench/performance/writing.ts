import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { costTable, gigabytesASecond, timesAsFastAs } from './costTable';
import { compete, type Program } from './program';
import { pythonProgram, quantscopeProgram, warm } from './programs';
import type { Subject } from './subjects';
import { atLeast } from './text';

interface Method {
  name: string;
  options: string[];
}

export const ABS_MAX: Method = { name: 'uniform to the largest weight', options: ['--bits', '4', '--support', 'abs-max'] };
export const UNIFORM: Method = { name: 'uniform, least squared error', options: ['--bits', '4'] };
export const CODEBOOK: Method = { name: 'codebook (Lloyd-Max of the fitted density)', options: ['--bits', '4', '--method', 'lloyd-max', '--fit', 'model'] };
export const CODEBOOK_OF_WEIGHTS: Method = { name: 'codebook (Lloyd-Max of the weights)', options: ['--bits', '4', '--method', 'lloyd-max'] };

const GRANULARITIES = ['channel', 'tensor'];

/** What writing a copy at 4 bits costs, per channel and per tensor, against rounding in numpy. */
export function quantizeTable(subject: Subject, methods: Method[], scratch: string): string {
  const ours = GRANULARITIES.flatMap((granularity) => methods.map(({ name, options }) => (
    quantizeProgram(`${name}, per ${granularity}`, subject, [...options, '--granularity', granularity], scratch)
  )));
  const copy = copyIn(scratch);
  const numpy = pythonProgram('Python: `onnx.load`, nearest of 16 codes per tensor in numpy, `onnx.save`', 'quantize.py', subject.path, copy);
  warm(subject.files);
  const results = compete([...ours, numpy], scratch);
  removeCopy(scratch);
  return costTable(results, [
    { head: 'GB/s', value: gigabytesASecond(subject.bytes), target: atLeast(0.8) },
    { head: 'Times as fast as Python', value: timesAsFastAs(results.at(-1)) },
  ]);
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
