import { closeSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { CoreError } from '../core/errors';
import { missingFiles } from '../core/onnx/externalFile';
import type { ModelIndex } from '../core/onnx/modelIndex';
import { isSameFile } from '../platform/atomicFile';
import { dataPlace } from '../platform/dataPlace';
import { openFile } from '../platform/openFile';
import type { DataSource, LocatedData } from '../protocol/coreService';

/**
 * Missing external data in the file that a person chose for it; then other missing files that lie beside it as the model has
 * them.
 * @throws CoreError as `checkedData`
 */
export function locatedData(index: ModelIndex, data: DataSource): LocatedData[] {
  const chosen = checkedData(index, data);
  const others = missingFiles(index.externalFiles)
    .filter(({ location }) => location !== data.location)
    .flatMap(({ location }) => besideOf(data, location) ?? [])
    .filter(({ source }) => source !== data.source);
  return [chosen, ...others.flatMap((other) => checkedOrNone(index, other))];
}

/** Above the chosen file's folder only where that file lies as the model has it: a model's names alone must not lead elsewhere. */
function besideOf({ location: chosen, source }: DataSource, location: string): DataSource | null {
  const way = relative(dirname(chosen), location);
  const liesAsInModel = join('/', source).endsWith(join('/', chosen));
  return way.startsWith('..') && !liesAsInModel ? null : { location, source: join(dirname(source), way) };
}

/**
 * That a file can be copied to where the model looks for its external data, and is long enough for what the model says is in it.
 * @throws CoreError `data-is-model`, `data-too-short`, `file-changed` when the model no longer has such data, and as `dataPlace`
 *   and `openFile`
 */
export function checkedData(index: ModelIndex, { location, source }: DataSource): LocatedData {
  const file = index.externalFiles.find((external) => external.location === location);
  if (!file) throw new CoreError('file-changed', { file: index.path });
  const target = dataPlace(index.path, location);
  if (isSameFile(source, index.path)) throw new CoreError('data-is-model', { file: source });
  const { descriptor, size } = openFile(source, source, 'file-not-found');
  closeSync(descriptor);
  if (size < file.needed) throw new CoreError('data-too-short', { file: source }, { expected: file.needed, actual: size });
  return { location, source, target, bytes: size };
}

function checkedOrNone(index: ModelIndex, data: DataSource): LocatedData[] {
  try {
    return [checkedData(index, data)];
  } catch (error) {
    if (error instanceof CoreError) return [];
    throw error;
  }
}
