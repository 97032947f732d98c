/**
 * How long one approximate figure takes against the exact pass, for every method at 2, 4 and 8 bits on 1 M and 100 M
 * generated weights, and how far it lies from the exact one there and on real layers. Writes docs/previews.md.
 * Usage: npm run bench:previews [-- FOLDER], where FOLDER holds `models`.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { tried } from '../src/core/curves/triedSettings';
import { weightCells } from '../src/core/curves/weightCells';
import type { FloatArray } from '../src/core/onnx/dataType';
import { completeSettings, type BitWidth, type LayerSettings } from '../src/core/plan/layerSettings';
import type { WeightGroup } from '../src/core/quantizers/quantizer';
import { weightGroup } from '../src/core/quantizers/weightGroup';
import { slicesOf } from '../src/core/statistics/cancelSlices';
import { momentsOf } from '../src/core/statistics/moments';
import { seededRandom } from '../test/fixtures/laplacian';
import { layerSamples } from './layerSamples';
import { METHOD_ROWS, type MethodRow } from './methodRows';
import { takes } from './methodSqnr';

const OUTPUT = 'docs/previews.md';
const BITS = [2, 4, 8] as const satisfies BitWidth[];
const MILLION = 1_000_000;
/** Large enough to tell how cells do on real weights, though the editor quantizes layers of this size exactly. */
const LEAST_WEIGHTS = 1 << 15;
const REPEATS = 5;
/** SubsetQ goes over all weights again and again: over more than these it takes minutes. */
const MOST_SUBSET_WEIGHTS = 10 * MILLION;

const ROWS: MethodRow[] = [
  ...METHOD_ROWS, { name: 'uniform, affine, mse', settings: { method: 'uniform', grid: 'affine', support: 'mse' } },
];

/** Of one method at one width on one set of weights. */
interface Figures {
  previewMs: number;
  /** The exact pass's time over the preview's; NaN, as the difference, where it was left out. */
  ratio: number;
  /** The approximate SQNR less the exact one. */
  differenceDb: number;
}

/** By row and width; null where a method does not take the width. */
type Table = (Figures | null)[][];

function main(): void {
  const tell = (line: string): void => console.error(line);
  const generated = [MILLION, 100 * MILLION].map((count) => {
    const weights = generatedWeights(count);
    tell(`${count} weights`);
    return measured(weights, tell);
  });
  const { samples } = layerSamples(path.join(path.resolve(process.argv[2] ?? '../shared'), 'models'));
  const layers = samples.filter(({ weights }) => weights.length >= LEAST_WEIGHTS);
  const real = layers.map(({ layer, weights }) => {
    tell(layer.name);
    return measured(weights, () => {});
  });
  writeFileSync(OUTPUT, pageOf(generated as [Measured, Measured], real));
}

interface Measured {
  table: Table;
  /** Time to make cells over that of one exact uniform pass at 4 bits. */
  cellsRatio: number;
}

function measured(weights: FloatArray, tell: (line: string) => void): Measured {
  const [moments] = timed(() => momentsOf(slicesOf(weights)));
  const [cells, cellsMs] = timed(() => weightCells(slicesOf(weights), moments));
  const [whole, wholeMs] = timed(() => weightGroup(weights, { name: 'w', dtype: 'float32' }));
  const table = ROWS.map(({ name, settings }) => {
    tell(`  ${name}`);
    return BITS.map((bits) => (takes(settings, bits)
      ? figuresOf(cells, whole, wholeMs, completeSettings({ ...settings, bits, granularity: 'tensor' }))
      : null));
  });
  const uniform = ROWS.findIndex(({ name }) => name === 'uniform, symmetric, mse');
  const { previewMs, ratio } = table[uniform]![BITS.indexOf(4)]!;
  return { table, cellsRatio: cellsMs / (previewMs * ratio) };
}

function figuresOf(cells: WeightGroup, whole: WeightGroup, wholeMs: number, settings: LayerSettings): Figures {
  const on = (group: WeightGroup) => () => (
    tried({ detail: 'exact', weights: group.moments.count, groups: [group] }, settings, 'float32', {})
  );
  const previews = Array.from({ length: REPEATS }, () => timed(on(cells)));
  const previewMs = previews.map(([, ms]) => ms).sort((a, b) => a - b)[Math.floor(REPEATS / 2)]!;
  const isLeftOut = settings.method === 'subset' && whole.moments.count > MOST_SUBSET_WEIGHTS;
  if (isLeftOut) return { previewMs, ratio: NaN, differenceDb: NaN };
  const [exact, exactMs] = timed(on(whole));
  return { previewMs, ratio: (wholeMs + exactMs) / previewMs, differenceDb: previews[0]![0].sqnrDb - exact.sqnrDb };
}

function timed<T>(work: () => T): [result: T, milliseconds: number] {
  const start = performance.now();
  const result = work();
  return [result, performance.now() - start];
}

function generatedWeights(count: number): Float32Array {
  const random = seededRandom(1);
  const weights = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const u = random() - 0.5;
    weights[i] = -0.05 * Math.sign(u) * Math.log(1 - 2 * Math.abs(u));
  }
  return weights;
}

function pageOf([million, hundred]: [Measured, Measured], real: Measured[]): string {
  const cell = (figures: (Figures | null)[], of: (each: Figures) => string): string => (
    figures.map((each) => (each === null ? '–' : of(each).replace('NaN', '…'))).join(' / ')
  );
  const lines = ROWS.map(({ name }, row) => {
    const worst = BITS.map((_, i) => {
      const found = real.flatMap(({ table }) => table[row]![i] ?? []);
      return found.toSorted((a, b) => Math.abs(b.differenceDb) - Math.abs(a.differenceDb))[0] ?? null;
    });
    const [one, many] = [million.table[row]!, hundred.table[row]!];
    return [
      name, cell(many, ({ previewMs }) => rounded(previewMs)), cell(one, ({ ratio }) => rounded(ratio)),
      cell(many, ({ ratio }) => rounded(ratio)),
      cell(many, ({ differenceDb }) => differenceDb.toFixed(3)), cell(worst, ({ differenceDb }) => differenceDb.toFixed(3)),
    ].join(' | ');
  });
  return `${introduction(million, hundred, real.length)}

| method, at 2 / 4 / 8 bits | one figure, ms | exact ÷ approximate, 1 M | 100 M | off by, dB, 100 M | off by at most, dB, real layers |
|---|---:|---:|---:|---:|---:|
${lines.map((line) => `| ${line} |`).join('\n')}
`;
}

/** To two digits. */
function rounded(value: number): string {
  return String(Number(value.toPrecision(2)));
}

function introduction(million: Measured, hundred: Measured, layers: number): string {
  return `# Approximate figures against exact ones

Charts of a layer's error first come from a few thousand cells of its weights (\`src/core/curves/weightCells.ts\`), then over all
weights. This is what the first costs and how far it lies from the second, per tensor; written by \`npm run bench:previews\`.
Ratios are within one run, milliseconds those of one machine. Cells are made in one pass and kept: it takes
${million.cellsRatio.toFixed(1)} times as long as an exact uniform pass over 1 M weights, ${hundred.cellsRatio.toFixed(1)} times over 100 M. From then on a
figure costs the same whatever the layer's size.

Layers of up to 131,072 weights are quantized exactly at once; the last column is over ${layers} real layers of at least
${LEAST_WEIGHTS.toLocaleString('en')} weights, as if they were not. Below zero, cells lose more than the weights do. The exact pass of SubsetQ
over 100 M weights takes minutes and was left out (…).

* Two methods take longer than 50 ms: SubsetQ at 4 bits tries 6,435 subsets, and N2UQ's entropy mode moves each of its
  thresholds over all cells, in turn, until none does.
* Where a search has many local optima, cells may lead to another than the weights, better or worse: the affine grid, whose
  zero point jumps; Lloyd–Max and the free grid; entropy at 6 bits and more, where levels have few cells each.

Per channel and per block every group is designed for by itself, so a figure costs as much as its groups: at most 512 of them
with at most 131,072 weights or cells are taken, evenly spaced.`;
}

main();
