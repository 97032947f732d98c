/**
 * MNIST accuracy of quantized copies of a 784-512-512-10 MLP, written by the command line and run by ONNX Runtime, next
 * to an independent prototype's numbers. Usage: npm run bench:mnist [-- FOLDER], where FOLDER holds `models` and `data`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mnistAccuracy } from './mnist';

const RTN = ['--grid', 'symmetric', '--support', 'abs-max', '--granularity', 'tensor'];
const ROWS: { name: string; settings: string[]; expected: number; tolerance: number }[] = [
  ...[[8, 98.14], [4, 98.13], [3, 97.74], [2, 9.74]].map(([bits, expected]) => ({
    name: `symmetric abs-max, per tensor, ${bits} bits`,
    settings: [...RTN, '--bits', String(bits)],
    expected: Number(expected),
    tolerance: 0.05,
  })),
  {
    name: 'mid-rise, jayant, whole model normalised, per tensor, 2 bits',
    settings: ['--grid', 'mid-rise', '--normalize', 'model', '--support', 'jayant', '--granularity', 'tensor', '--bits', '2'],
    expected: 97.39,
    tolerance: 0.15,
  },
];

async function main(): Promise<void> {
  const shared = path.resolve(process.argv[2] ?? '../shared');
  const model = path.join(shared, 'models/mlp_mnist_rmsprop.onnx');
  const data = path.join(shared, 'data/mnist');
  const folder = mkdtempSync(path.join(tmpdir(), 'quantscope-mnist-'));
  try {
    console.log('| copy | bytes | top-1 % | expected % | within |\n|---|---:|---:|---:|---|');
    console.log(`| float | ${statSync(model).size} | ${(await mnistAccuracy(model, data)).toFixed(2)} | 98.15 | |`);
    for (const { name, settings, expected, tolerance } of ROWS) {
      const copy = path.join(folder, 'copy.onnx');
      execFileSync(process.execPath, ['dist/cli.js', 'quantize', model, '-o', copy, '--force', '--json', ...settings]);
      const accuracy = await mnistAccuracy(copy, data);
      const within = Math.abs(accuracy - expected) <= tolerance + 1e-9;
      if (!within) process.exitCode = 1;
      console.log(`| ${name} | ${statSync(copy).size} | ${accuracy.toFixed(2)} | ${expected} ± ${tolerance} | ${within ? 'yes' : 'NO'} |`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
