/**
 * Every quantizer side by side, weights only, per tensor: SQNR in theory, on a Laplacian sample and on real models, and
 * MNIST accuracy of two small networks. Writes docs/methods.md. Usage: npm run bench:methods [-- FOLDER], where FOLDER holds
 * `models` and `data`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BIT_WIDTHS, type BitWidth } from '../src/core/plan/layerSettings';
import { layerSamples } from './layerSamples';
import { CLAIMS } from './methodClaims';
import { METHOD_ROWS, type MethodRow } from './methodRows';
import { meanRows, sampleRows, takes, theoryRows, type SqnrRow } from './methodSqnr';
import { mnistAccuracy } from './mnist';
import { quantscope } from './quantscope';

const OUTPUT = 'docs/methods.md';
const ACCURACY_BITS = [2, 3, 4] as const;
const MODELS = ['mlp_mnist_rmsprop', 'lenet5_mnist'];

interface Report {
  total: { sqnrDb: number };
}

interface Measured {
  accuracy: string;
  sqnr: string;
}

const NOT_TAKEN: Measured = { accuracy: '–', sqnr: '–' };

async function main(): Promise<void> {
  const shared = path.resolve(process.argv[2] ?? '../shared');
  const tell = (line: string): void => console.error(line);
  const { samples, models, layers } = layerSamples(path.join(shared, 'models'));
  const accuracies: string[] = [];
  for (const name of MODELS) accuracies.push(await accuracyTable(shared, name, tell));
  writeFileSync(OUTPUT, [
    INTRODUCTION,
    '## Signal to quantization noise\n\nIn dB: what a Laplacian promises, what a sample of it gets, and what weights get.',
    `### Theory, on the unit Laplacian\n\n${THEORY}\n\n${sqnrTable(theoryRows())}`,
    `### Measured on 4,096 weights of a Laplacian\n\n${SAMPLE}\n\n${sqnrTable(sampleRows(4096))}`,
    `### Measured on real models\n\nThe mean over ${samples.length} layers of ${models} models: those of at least 1,000 weights among\n`
      + `${layers} that can be quantized, layers of equal weights counted once.\n\n${sqnrTable(meanRows(samples, tell))}`,
    `## Accuracy on MNIST\n\n${ACCURACY}`,
    ...accuracies,
    CLAIMS,
  ].join('\n\n'));
}

const INTRODUCTION = `# Quantizers side by side

Weights only, one codebook a tensor; written by \`npm run bench:methods\`. Which method a layer is best served by differs from
layer to layer: \`quantscope preview --method best\`, or the command *Use Best Method*, finds it by its measured error. Bits are
what a weight takes: what the PWLQ paper calls b bits has 2^(b+1) levels and stands here at b + 1.`;

const THEORY = `Designed for that density where a method can be, else on 262,144 weights of it, and integrated in closed form.
Methods that spread their levels to the largest weight are left out: the density has none.`;

const SAMPLE = `The sample is deterministic: the inverse distribution at the golden-ratio sequence. Its largest weight is 6.5
absDeviations.`;

const ACCURACY = `Top-1 on the 10,000 test images in ONNX Runtime, and the SQNR of all quantized weights together. Layers that would
not get smaller stay float. Differences below 0.15 points are sampling error.`;

function sqnrTable(rows: SqnrRow[]): string {
  const decibels = (db: number | null): string => (db === null ? '–' : db.toFixed(2));
  return table(BIT_WIDTHS.map((bits) => `${bits} bits`), rows.map(({ name, sqnrDb }) => [name, ...sqnrDb.map(decibels)]));
}

function table(columns: string[], rows: string[][]): string {
  const lines = [['method', ...columns], ['---', ...columns.map(() => '---:')], ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

async function accuracyTable(shared: string, name: string, tell: (line: string) => void): Promise<string> {
  const model = path.join(shared, 'models', `${name}.onnx`);
  const data = path.join(shared, 'data/mnist');
  const scratch = mkdtempSync(path.join(tmpdir(), 'quantscope-methods-'));
  const copy = path.join(scratch, 'copy.onnx');
  try {
    const rows = [['float', (await mnistAccuracy(model, data)).toFixed(2), '', '', '', '', '']];
    for (const { name: method, settings } of METHOD_ROWS) {
      const [accuracies, sqnrs]: [string[], string[]] = [[], []];
      for (const bits of ACCURACY_BITS) {
        const { accuracy, sqnr } = takes(settings, bits) ? await measured(model, copy, data, bits, settings) : NOT_TAKEN;
        accuracies.push(accuracy);
        sqnrs.push(sqnr);
      }
      rows.push([method, ...accuracies, ...sqnrs]);
      tell(`${name}: ${method}`);
    }
    const columns = ['top-1 %', 'SQNR dB'].flatMap((title) => ACCURACY_BITS.map((bits) => `${title}, ${bits} bits`));
    return `### ${name}\n\n${table(columns, rows)}`;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function measured(
  model: string, copy: string, data: string, bits: BitWidth, settings: MethodRow['settings'],
): Promise<Measured> {
  const complete = { granularity: 'tensor', ...settings, bits };
  const options = Object.entries(complete).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const result = quantscope('quantize', model, '-o', copy, '--force', ...options);
  if (!result.ok) throw new Error(result.line);
  const { sqnrDb } = (result.document as Report).total;
  return { accuracy: (await mnistAccuracy(copy, data)).toFixed(2), sqnr: sqnrDb.toFixed(2) };
}

void main();
