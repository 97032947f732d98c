import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const workbenchFolder = dirname(fileURLToPath(import.meta.url));
export const repositoryRoot = resolve(workbenchFolder, '../..');
export const samplesFolder = join(repositoryRoot, 'samples');
export const sampleModel = join(samplesFolder, 'lenet5_mnist.onnx');
