/**
 * MNIST accuracy and weight SQNR of two small networks for every quantizer at 2, 3 and 4 bits, weights only, per tensor.
 * Writes a Markdown table. Usage: npm run bench:methods [-- FOLDER], where FOLDER holds `models` and `data`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mnistAccuracy } from './mnist';
import { quantscope } from './quantscope';

const OUTPUT = 'docs/methods.md';
const BITS = [2, 3, 4];
const MODELS = ['mlp_mnist_rmsprop', 'lenet5_mnist'];
const LAYER = ['--normalize', 'layer'];

/** Least bits, and the settings beside `--bits`. */
const METHODS: { name: string; from: number; settings: string[] }[] = [
  { name: 'uniform, symmetric, abs-max (RTN)', from: 2, settings: ['--method', 'uniform', '--grid', 'symmetric', '--support', 'abs-max'] },
  { name: 'uniform, mid-rise, jayant', from: 2, settings: ['--method', 'uniform', '--grid', 'mid-rise', '--support', 'jayant', ...LAYER] },
  { name: 'uniform, mid-rise, mse', from: 2, settings: ['--method', 'uniform', '--grid', 'mid-rise', '--support', 'mse', ...LAYER] },
  { name: 'SPTQ, Laplace design', from: 2, settings: ['--method', 'sptq', '--fit', 'model', ...LAYER] },
  { name: 'SPTQ, on the weights', from: 2, settings: ['--method', 'sptq', '--fit', 'data', ...LAYER] },
  { name: 'MSPTQ, Laplace design', from: 2, settings: ['--method', 'msptq', '--fit', 'model', ...LAYER] },
  { name: 'MSPTQ, on the weights', from: 2, settings: ['--method', 'msptq', '--fit', 'data', ...LAYER] },
  { name: 'Lloyd–Max, Laplace design', from: 2, settings: ['--method', 'lloyd-max', '--fit', 'model', ...LAYER] },
  { name: 'Lloyd–Max, on the weights', from: 2, settings: ['--method', 'lloyd-max', '--fit', 'data', ...LAYER] },
  { name: 'SubsetQ', from: 2, settings: ['--method', 'subset'] },
  { name: 'APoT', from: 2, settings: ['--method', 'apot', ...LAYER] },
  { name: 'PWLQ', from: 3, settings: ['--method', 'pwlq', ...LAYER] },
  { name: 'N2UQ, free grid (mse)', from: 2, settings: ['--method', 'n2uq', '--mode', 'mse'] },
  { name: 'N2UQ, entropy', from: 2, settings: ['--method', 'n2uq', '--mode', 'entropy'] },
  { name: 'N2UQ, as published (a device of training)', from: 2, settings: ['--method', 'n2uq', '--mode', 'published'] },
];

interface Report {
  total: { sqnrDb: number };
}

async function main(): Promise<void> {
  const shared = path.resolve(process.argv[2] ?? '../shared');
  const data = path.join(shared, 'data/mnist');
  const scratch = mkdtempSync(path.join(tmpdir(), 'quantscope-methods-'));
  const copy = path.join(scratch, 'copy.onnx');
  try {
    const tables: string[] = [];
    for (const name of MODELS) {
      const model = path.join(shared, 'models', `${name}.onnx`);
      const rows = [`| float | ${(await mnistAccuracy(model, data)).toFixed(2)} | | | | | |`];
      for (const { name: method, from, settings } of METHODS) {
        const cells: string[][] = [];
        for (const bits of BITS) cells.push(bits < from ? ['–', '–'] : await measured(model, copy, data, bits, settings));
        rows.push(`| ${method} | ${cells.map(([accuracy]) => accuracy).join(' | ')} | ${cells.map(([, sqnr]) => sqnr).join(' | ')} |`);
        console.error(`${name}: ${method}`);
      }
      tables.push(table(name, rows));
    }
    writeFileSync(OUTPUT, document(tables));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function measured(model: string, copy: string, data: string, bits: number, settings: string[]): Promise<string[]> {
  const result = quantscope('quantize', model, '-o', copy, '--force', '--granularity', 'tensor', '--bits', String(bits), ...settings);
  if (!result.ok) throw new Error(result.line);
  return [(await mnistAccuracy(copy, data)).toFixed(2), (result.document as Report).total.sqnrDb.toFixed(2)];
}

function table(model: string, rows: string[]): string {
  const columns = [...BITS.map((bits) => `top-1 %, ${bits} bits`), ...BITS.map((bits) => `SQNR dB, ${bits} bits`)];
  return `## ${model}\n\n| method | ${columns.join(' | ')} |\n|---|${columns.map(() => '---:').join('|')}|\n${rows.join('\n')}`;
}

function document(tables: string[]): string {
  return `# Quantizers side by side

Accuracy on MNIST's 10,000 test images in ONNX Runtime, weights only, per tensor, and the SQNR of all quantized weights
together; written by \`npm run bench:methods\`. Layers that would not get smaller stay float. Differences below 0.15 points
are sampling error. Signal to noise does not order accuracy among good two-bit quantizers: look at both.

${tables.join('\n\n')}
`;
}

void main();
