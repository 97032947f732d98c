/**
 * What becomes of real models: layers found, quantized and left in float, bytes on disk at 8, 4 and 3 bits per channel,
 * ONNX Runtime's largest difference from the expected weights, and the output's SQNR against the float model on seeded
 * inputs. Writes a Markdown table. Usage: npm run bench:models [-- FOLDER], where FOLDER holds the models.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fitInputs } from '../src/runtime/inputs/fitInputs';
import { randomInputs } from '../src/runtime/inputs/randomInputs';
import { openRuntime } from '../src/runtime/openRuntime';
import { quantscope } from './quantscope';

const BITS = [8, 4, 3];
const OUTPUT = 'docs/models.md';

interface Report {
  layers: { name: string }[];
  total: { bytesBefore: number; bytesAfter: number };
  skipped: { name: string; reason: string }[];
  verified: { maxAbsDifference: number } | null;
}

interface Row {
  model: string;
  /** One cell for a model that is refused: why. */
  cells: string[];
}

/** A copy at one bit width, or null where no layer gets smaller. */
interface Copy {
  bytes: number;
  difference: number;
  outputSqnr: string;
}

async function main(): Promise<void> {
  const folder = path.resolve(process.argv[2] ?? '../shared/models');
  const models = readdirSync(folder).filter((file) => /\.(onnx|ort)$/.test(file)).sort();
  const scratch = mkdtempSync(path.join(tmpdir(), 'quantscope-models-'));
  try {
    const rows: Row[] = [];
    for (const model of models) {
      rows.push(await rowOf(path.join(folder, model), path.join(scratch, 'copy.onnx')));
      console.error(model);
    }
    writeFileSync(OUTPUT, document(rows));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function rowOf(model: string, copy: string): Promise<Row> {
  const name = path.basename(model, path.extname(model));
  const inspected = quantscope('inspect', model);
  if (!inspected.ok) return { model: name, cells: [inspected.line] };
  const { layers, model: { bytes } } = inspected.document as { layers: unknown[]; model: { bytes: number } };
  const copies: (Copy | null)[] = [];
  for (const bits of BITS) copies.push(await copyOf(model, copy, bits));
  const narrowest = quantscope('preview', model, '--bits', String(BITS.at(-1)));
  const { layers: quantized, skipped } = (narrowest.ok ? narrowest.document : { layers: [], skipped: [] }) as Report;
  const differences = copies.flatMap((each) => (each ? [each.difference] : []));
  return {
    model: name,
    cells: [
      layers.length, quantized.length, reasons(skipped), bytes, ...copies.map((each) => each?.bytes ?? '–'),
      differences.length > 0 ? Math.max(...differences) : '–', ...copies.map((each) => each?.outputSqnr ?? '–'),
    ].map(String),
  };
}

async function copyOf(model: string, copy: string, bits: number): Promise<Copy | null> {
  const result = quantscope('quantize', model, '-o', copy, '--force', '--verify', '--bits', String(bits));
  if (!result.ok) return null;
  const { total, verified } = result.document as Report;
  return { bytes: total.bytesAfter, difference: verified?.maxAbsDifference ?? NaN, outputSqnr: await outputSqnr(model, copy) };
}

/** Counts by reason: `3 not-smaller, 1 already-quantized`. */
function reasons(skipped: Report['skipped']): string {
  const counts = new Map<string, number>();
  for (const { reason } of skipped) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count} ${reason}`).join(', ');
}

/** Decibels over all float32 outputs together; a dash where ONNX Runtime does not run the model on such inputs. */
async function outputSqnr(model: string, copy: string): Promise<string> {
  try {
    const [expected, actual] = [await outputs(model), await outputs(copy)];
    let signal = 0;
    let noise = 0;
    expected.forEach((value, i) => {
      signal += value * value;
      noise += (value - actual[i]!) ** 2;
    });
    if (!Number.isFinite(noise) || signal === 0) return '–';
    return noise === 0 ? '∞' : (10 * Math.log10(signal / noise)).toFixed(1);
  } catch {
    return '–';
  }
}

async function outputs(model: string): Promise<number[]> {
  const runtime = await openRuntime();
  const results = await runtime.withModel(model, [], ({ inputs, run }) => run(fitInputs(randomInputs(inputs, 1), inputs).feeds(0)));
  return Object.values(results).flatMap(({ data }) => (data instanceof Float32Array ? [...data] : []));
}

function document(rows: Row[]): string {
  const columns = [
    'model', 'layers', 'quantized', 'left in float', 'bytes', ...BITS.map((bits) => `${bits} bits`), 'largest difference',
    ...BITS.map((bits) => `output SQNR, ${bits} bits`),
  ];
  const lines = rows.map(({ model, cells }) => (cells.length === 1
    ? `| ${model} | ${cells[0]} |${' |'.repeat(columns.length - 2)}`
    : `| ${model} | ${cells.join(' | ')} |`));
  return `# Real models

Uniform quantizer with default settings (per channel, least squared error) through the command line; written by
\`npm run bench:models\`. Bytes are what lies on disk, external data included. "Quantized" and "left in float" are those at
${BITS.at(-1)} bits. The largest difference is between the weights that ONNX Runtime computes from the copy and the expected
ones. Output SQNR, in decibels, compares the copy's outputs with the float model's on one seeded random input: it shows
that the copy runs and how far its outputs move, not how accurate it is.

| ${columns.join(' | ')} |
|${columns.map((_, i) => (i === 0 || i === 3 ? '---' : '---:')).join('|')}|
${lines.join('\n')}
`;
}

void main();
