import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { indexModel } from '../../src/core/onnx/indexModel';
import { openModelFiles } from '../../src/platform/nodeFiles';
import { sourceFiles } from '../../src/platform/sourceFiles';
import { writeLargeModel, writeManyTensors } from '../largeModels';

/** A model that is measured on. */
export interface Subject {
  name: string;
  path: string;
  /** The model's own and its external data. */
  files: string[];
  bytes: number;
  weights: number;
}

export interface Subjects {
  inline: Subject;
  manyTensors: Subject;
  /** From 250 million weights on, smallest first. */
  external: Subject[];
  /** Of 4 GB, which a short run leaves out. */
  largest?: Subject;
}

const MANY = 5000;

/** Models in `folder`: those of an earlier run, or new ones. */
export function subjects(folder: string, short: boolean): Subjects {
  const large = (name: string, bytes: number, external: boolean): Subject => (
    subject(folder, name, () => writeLargeModel(folder, name, bytes, external))
  );
  const inline = large('400 MB', 400e6, false);
  const manyTensors = subject(folder, `${MANY} tensors`, () => writeManyTensors(folder, `${MANY} tensors`, MANY));
  const external = [large('1 GB', 1e9, true), large('2 GB', 2e9, true)];
  return { inline, manyTensors, external, ...(!short && { largest: large('4 GB', 4e9, true) }) };
}

function subject(folder: string, name: string, write: () => void): Subject {
  const path = join(folder, `${name}.onnx`);
  if (!existsSync(path)) {
    console.error(`writing ${path}`);
    write();
  }
  const files = openModelFiles(path);
  try {
    const index = indexModel(files, path);
    const weights = index.layers.reduce((sum, { elements }) => sum + elements, 0);
    return { name, path, files: sourceFiles(index), bytes: index.bytes, weights };
  } finally {
    files.close();
  }
}
