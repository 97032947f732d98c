import { dirname, join } from 'node:path';
import type { ModelIndex } from '../core/onnx/modelIndex';

/** Paths of the files that a model is read from, missing ones included. */
export function sourceFiles({ path, externalFiles }: Pick<ModelIndex, 'path' | 'externalFiles'>): string[] {
  return [path, ...externalFiles.map(({ location }) => join(dirname(path), location))];
}
