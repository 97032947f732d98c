import { costTable, gigabytesASecond, timesAsFastAs } from './costTable';
import { compete } from './program';
import { catProgram, pythonProgram, quantscopeProgram, readIntoArrayProgram, readProgram, startProgram, warm } from './programs';
import type { Subject } from './subjects';
import { atLeast } from './text';

/** What `inspect` costs, against reading the same files and against Python. */
export function inspectTable({ path, files, bytes }: Subject, scratch: string): string {
  warm(files);
  const results = compete([
    quantscopeProgram('`quantscope inspect`', 'inspect', path),
    readProgram(files),
    readIntoArrayProgram(files),
    startProgram(),
    catProgram(files),
    pythonProgram('Python: `onnx.load`, then numpy', 'statistics.py', path),
  ], scratch);
  const [, reading, , , , python] = results;
  return costTable(results, [
    { head: 'GB/s', value: gigabytesASecond(bytes) },
    { head: 'Of the speed of reading', value: timesAsFastAs(reading), target: atLeast(0.7) },
    { head: 'Times as fast as Python', value: timesAsFastAs(python), target: atLeast(20) },
  ]);
}
