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
    pythonProgram('Python: `onnx.load`, then a few statistics in numpy', 'statistics.py', path),
    pythonProgram('Python: `onnx.load`, then the same statistics in numpy', 'allStatistics.py', path),
  ], scratch);
  const [, reading, , , , few, same] = results;
  return costTable(results, [
    { head: 'GB/s', value: gigabytesASecond(bytes) },
    { head: 'Of the speed of reading', value: timesAsFastAs(reading), target: atLeast(0.7) },
    { head: 'Times as fast as a few in Python', value: timesAsFastAs(few), target: atLeast(20) },
    { head: 'As the same in Python', value: timesAsFastAs(same), target: atLeast(20) },
  ]);
}
