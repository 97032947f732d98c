import { compete, type Result } from './program';
import { catProgram, pythonProgram, quantscopeProgram, readProgram, warm } from './programs';
import type { Subject } from './subjects';
import { atLeast, below, judged, NOTHING, number, table } from './text';

const SHARE_OF_READING = atLeast(0.7);
const TIMES_PYTHON = atLeast(20);
const MEGABYTES = below(200);

/** What `inspect` costs, against reading the same files and against Python. */
export function inspectTable(subject: Subject, scratch: string): string {
  warm(subject.files);
  const results = compete([
    quantscopeProgram('`quantscope inspect`', 'inspect', subject.path),
    readProgram(subject.files),
    catProgram(subject.files),
    pythonProgram('Python: `onnx.load`, then numpy', 'statistics.py', subject.path),
  ], scratch);
  const [, reading, , python] = results;
  const rows = results.map((result, i) => inspectRow(result, i === 0, subject, reading, python));
  return table(['', 'Seconds', 'GB/s', 'Of the speed of reading', 'Times as fast as Python', 'Processor seconds', 'Peak MB'], rows);
}

function inspectRow({ name, cost, absent }: Result, isOurs: boolean, { bytes }: Subject, reading?: Result, python?: Result): string[] {
  if (!cost) return [name, absent ?? '', NOTHING, NOTHING, NOTHING, NOTHING, NOTHING];
  const { seconds, cpuSeconds, megabytes } = cost;
  const share = (reading?.cost?.seconds ?? NaN) / seconds;
  const times = (python?.cost?.seconds ?? NaN) / seconds;
  return [
    name, number(seconds), number(bytes / 1e9 / seconds),
    isOurs ? judged(share, SHARE_OF_READING) : number(share),
    isOurs ? judged(times, TIMES_PYTHON) : number(times),
    number(cpuSeconds), isOurs ? judged(megabytes, MEGABYTES) : number(megabytes),
  ];
}
