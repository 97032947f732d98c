import type { ByteSource, ModelFiles } from '../../src/core/bytes/byteSource';
import { indexModel } from '../../src/core/onnx/indexModel';
import { openModelFiles } from '../../src/platform/nodeFiles';
import { median } from './program';
import type { Subject } from './subjects';
import { below, judged, number, table } from './text';

const RUNS = 5;
const PERCENT_READ = below(1);
const MILLISECONDS = below(200);

/** What listing a model's layers reads and how long it takes, in one process that has done it once before. */
export function indexTable(subjects: Subject[]): string {
  return table(['', 'Layers', 'MB read', 'Of the bytes', 'Milliseconds'], subjects.map((subject) => {
    const { layers, bytesRead } = indexed(subject);
    const milliseconds = median(Array.from({ length: RUNS }, () => indexed(subject).milliseconds));
    return [
      subject.name, number(layers), number(bytesRead / 1e6), judged((100 * bytesRead) / subject.bytes, PERCENT_READ, ' %'),
      judged(milliseconds, MILLISECONDS),
    ];
  }));
}

function indexed({ path }: Subject): { layers: number; bytesRead: number; milliseconds: number } {
  const start = performance.now();
  const { files, bytesRead } = counted(openModelFiles(path));
  const { layers } = indexModel(files, path);
  files.close();
  return { layers: layers.length, bytesRead: bytesRead(), milliseconds: performance.now() - start };
}

/** The same files, and how many bytes were read of them. */
function counted(files: ModelFiles): { files: ModelFiles; bytesRead: () => number } {
  let bytes = 0;
  const count = (source: ByteSource): ByteSource => ({
    ...source,
    read(offset, length) {
      bytes += length;
      return source.read(offset, length);
    },
  });
  return {
    files: { main: count(files.main), external: (location) => count(files.external(location)), close: () => files.close() },
    bytesRead: () => bytes,
  };
}
