import path from 'node:path';
import type { PartialSettings } from '../src/core/plan/layerSettings';

/** A copy of the MNIST model with all layers quantized alike. */
export interface MnistCopy {
  name: string;
  settings: PartialSettings;
  /** Top-1 accuracy in percent of an independent prototype. */
  expected: number;
  tolerance: number;
}

/** Top-1 accuracy in percent of the model itself. */
export const FLOAT_ACCURACY = 98.15;

const ROUND_TO_NEAREST: PartialSettings = { grid: 'symmetric', support: 'abs-max', granularity: 'tensor' };

export const MNIST_COPIES: MnistCopy[] = [
  ...([[8, 98.14], [4, 98.13], [3, 97.74], [2, 9.74]] as const).map(([bits, expected]) => ({
    name: `symmetric abs-max, per tensor, ${bits} bits`,
    settings: { ...ROUND_TO_NEAREST, bits },
    expected,
    tolerance: 0.05,
  })),
  {
    name: 'mid-rise, jayant, whole model normalised, per tensor, 2 bits',
    settings: { grid: 'mid-rise', normalize: 'model', support: 'jayant', granularity: 'tensor', bits: 2 },
    expected: 97.39,
    tolerance: 0.15,
  },
];

/** The model, and the folder of MNIST's test images, in a folder that holds `models` and `data`. */
export function mnistFiles(folder: string): { model: string; data: string } {
  return { model: path.join(folder, 'models/mlp_mnist_rmsprop.onnx'), data: path.join(folder, 'data/mnist') };
}
