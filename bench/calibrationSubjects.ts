import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { readInputs } from '../src/runtime/inputs/readInputs';
import { npyFile } from '../test/fixtures/inputFiles';

/** A trained network, inputs to calibrate it on, and others to judge it by. */
export interface Subject {
  name: string;
  model: string;
  calibration: string;
  inputs: string;
  labels: string;
  /** How the command line is to read them. */
  reading: string[];
  /** Images it is judged by. */
  images: number;
}

/** Mean and deviation of MNIST's pixels, by which burn's example network was trained. */
const BURN = { mean: 0.1307, deviation: 0.3081 };
const TRAINED_HALF = 500;

/** @param shared folder with `models` and `data`; @param scratch where inputs in another form are written to */
export function subjects(shared: string, scratch: string): Subject[] {
  const mnist = (name: string): string => path.join(shared, 'data/mnist', name);
  const images = { calibration: mnist('calib2048-images-idx3-ubyte.gz'), inputs: mnist('t10k-images-idx3-ubyte.gz') };
  const labels = mnist('t10k-labels-idx1-ubyte.gz');
  const model = (name: string): { name: string; model: string } => ({ name, model: path.join(shared, 'models', `${name}.onnx`) });
  const cifar = cifarHalves(path.join(shared, 'data/cifar10/train1000-lossless'), scratch);
  return [
    { ...model('mlp_mnist_rmsprop'), ...images, labels, reading: [], images: 10_000 },
    { ...model('lenet5_mnist'), ...images, labels, reading: [], images: 10_000 },
    {
      ...model('burn_mnist'), labels, reading: [], images: 10_000,
      calibration: normalized(images.calibration, path.join(scratch, 'burn-calibration.npy')),
      inputs: normalized(images.inputs, path.join(scratch, 'burn-inputs.npy')),
    },
    ...['mlperf_resnet8_cifar10_folded', 'mlperf_resnet8_cifar10_bn'].map((name) => ({
      ...model(name), ...cifar, reading: ['--layout', 'nhwc'], images: TRAINED_HALF,
    })),
  ];
}

function normalized(file: string, target: string): string {
  const [{ values, dims }] = readInputs(file) as [ReturnType<typeof readInputs>[number]];
  const floats = Float32Array.from(values as Uint8Array, (pixel) => (pixel / 255 - BURN.mean) / BURN.deviation);
  writeFileSync(target, npyFile('<f4', dims, new Uint8Array(floats.buffer)));
  return target;
}

/** One half to calibrate on, the other to judge by. */
function cifarHalves(stem: string, scratch: string): Pick<Subject, 'calibration' | 'inputs' | 'labels'> {
  const half = (file: string, first: number, name: string): string => {
    const [{ values, dims }] = readInputs(`${stem}-${file}.gz`) as [ReturnType<typeof readInputs>[number]];
    const size = values.length / dims[0]!;
    const some = (values as Uint8Array).slice(first * size, (first + TRAINED_HALF) * size);
    const target = path.join(scratch, name);
    writeFileSync(target, npyFile('|u1', [TRAINED_HALF, ...dims.slice(1)], some));
    return target;
  };
  return {
    calibration: half('images-idx4-ubyte', 0, 'cifar-calibration.npy'),
    inputs: half('images-idx4-ubyte', TRAINED_HALF, 'cifar-inputs.npy'),
    labels: half('labels-idx1-ubyte', TRAINED_HALF, 'cifar-labels.npy'),
  };
}
