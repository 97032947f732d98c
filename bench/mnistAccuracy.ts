/**
 * MNIST accuracy of quantized copies of a 784-512-512-10 MLP, written by the command line and run by ONNX Runtime, next
 * to an independent prototype's numbers. Usage: npm run bench:mnist [-- FOLDER], where FOLDER holds `models` and `data`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mnistAccuracy } from './mnist';
import { FLOAT_ACCURACY, MNIST_COPIES, mnistFiles } from './mnistCopies';

async function main(): Promise<void> {
  const { model, data } = mnistFiles(path.resolve(process.argv[2] ?? '../shared'));
  const folder = mkdtempSync(path.join(tmpdir(), 'quantscope-mnist-'));
  try {
    console.log('| copy | bytes | top-1 % | expected % | within |\n|---|---:|---:|---:|---|');
    console.log(`| float | ${statSync(model).size} | ${(await mnistAccuracy(model, data)).toFixed(2)} | ${FLOAT_ACCURACY} | |`);
    for (const { name, settings, expected, tolerance } of MNIST_COPIES) {
      const copy = path.join(folder, 'copy.onnx');
      const options = Object.entries(settings).flatMap(([option, value]) => [`--${option}`, String(value)]);
      execFileSync(process.execPath, ['dist/cli.js', 'quantize', model, '-o', copy, '--force', '--json', ...options]);
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
