/**
 * Speed and memory of reading, quantizing and opening large models, beside programs that do the same or less, in one run.
 * Writes docs/performance.md after each section.
 * Usage: npm run bench [-- [FOLDER] [--short]]. FOLDER keeps the generated models (8 GB; a temporary one does not) and lends
 * them to the next run. A short run leaves out the model of 4 GB and prints the document.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { editorText } from './performance/editor';
import { growthTable } from './performance/growth';
import { indexTable } from './performance/indexing';
import { machineText } from './performance/machine';
import { pythonText } from './performance/programs';
import { inspectTable } from './performance/reading';
import { runningTable } from './performance/running';
import { buildPackage, sizeTable } from './performance/sizes';
import { subjects } from './performance/subjects';
import { ABS_MAX, CODEBOOK, CODEBOOK_OF_WEIGHTS, quantizeTable, UNIFORM } from './performance/writing';

const OUTPUT = 'docs/performance.md';

async function main(): Promise<void> {
  const { positionals: [folder], values: { short = false } } = parseArgs({ allowPositionals: true, options: { short: { type: 'boolean' } } });
  const machine = machineText(pythonText());
  const scratch = mkdtempSync(join(tmpdir(), 'quantscope-performance-'));
  try {
    const models = folder === undefined ? scratch : resolve(folder);
    mkdirSync(models, { recursive: true });
    await measure(models, scratch, short, [INTRODUCTION, machine]);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Adds to `document` section by section. */
async function measure(models: string, scratch: string, short: boolean, document: string[]): Promise<void> {
  const add = async (title: string, text: () => string | Promise<string>): Promise<void> => {
    console.error(title);
    document.push(`${title}\n\n${await text()}`);
    if (!short) writeFileSync(OUTPUT, `${document.join('\n\n')}\n`);
  };
  const vsix = buildPackage(scratch);
  const { inline, manyTensors, external, largest } = subjects(models, short);
  const large = largest ? [largest] : [];
  await add('## Inspecting', () => INSPECTING);
  for (const subject of [inline, ...large]) await add(`### ${subject.name}`, () => inspectTable(subject, scratch));
  await add('## Listing layers', () => `${LISTING}\n\n${indexTable([inline, manyTensors, ...large])}`);
  await add('## Quantizing to 4 bits', () => QUANTIZING);
  await add(`### ${inline.name}`, () => quantizeTable(inline, [ABS_MAX, UNIFORM, CODEBOOK, CODEBOOK_OF_WEIGHTS], scratch));
  for (const subject of large) await add(`### ${subject.name}`, () => quantizeTable(subject, [ABS_MAX, UNIFORM, CODEBOOK], scratch));
  await add('## Without starting', async () => `${RUNNING}\n\n${await runningTable([inline, ...large], scratch)}`);
  await add('## Growth', () => `${GROWTH}\n\n${growthTable([inline, ...external, ...large], scratch)}`);
  await add('## In the editor', () => `${EDITOR}\n\n${editorText([inline, ...large], [manyTensors])}`);
  await add('## Sizes', () => `${SIZES}\n\n${sizeTable(vsix)}`);
  if (short) console.log(document.join('\n\n'));
}

const INTRODUCTION = `# Performance

Written by \`npm run bench\` on the production build. Times are those of whole processes, start included, medians of three runs
(one where a run takes more than 30 s) in which all rows of a table take turns; files were read before, so that they are in
memory. Processor seconds are those of all threads, peak memory is what was resident. What a number should reach stands
beside it. Times change from machine to machine and with what else runs there: ratios within a table say more.

The models are networks of float32 matrices of 4096 by 4096, the one of 2 GB and that of 4 GB behind an embedding of 268 MB;
weights are inline in the model of 400 MB and lie in a file beside larger ones.`;

const INSPECTING = `Statistics of every layer: moments, quantiles, histogram, fitted densities and their distances. A few in Python
are minimum, maximum, mean, deviation, a histogram of 256 bins and the median of every tensor; the same are all of ours but the
Gaussian's distance, from weights that are sorted. Two workers share the layers.
All weights are looked at once: range, sum and counts in a million cells of float32 cost a worker about twice what reading does.
Quantiles and distances to the fits follow from the counts, to a ten-thousandth or so. Starting Node and two workers takes what the
row of that name says, whatever the model: at 400 MB that alone is most of the time that the targets allow. A block is read again and
again into the processor's cache, and into memory that begins at a page. Arrays of Node begin 16 bytes behind one: there,
some processors take four times as long. Inspecting has to count what was read as well: on machines that read 4 GB at
7, 10, 14 and 18 GB/s it was 0.8, 0.5, 0.4 and 0.4 times as fast.`;

const LISTING = 'Bytes read of a model until its layers are known, and the time that takes: the median of five, in a process that has done it once.';

const QUANTIZING = `Copies in the format \`exact\`, with errors of all layers, flushed to the disk. GB are those of the input. Python rounds
to one scale a tensor, puts two codes in a byte and measures no error; its file holds the codes but no nodes that unpack them.
Two workers take layers in turn. Per tensor all weights are read twice: for moments and fit, and for codes and errors. Channels of
these matrices are columns: they are turned as they are read, a quarter at a time, fitted one by one, their codes turned back.
The search for the least squared error, the default, orders a channel's weights by cells once, and tries some forty limits on that
order. A codebook of the weights themselves, the default of that method, has them sorted and iterates on them.
Their codes wait for the last column, a byte each: of layers larger than these that adds to the peak (16384 by 4096: 262 MB).
On the fastest machine tried the rows of 4 GB went at 1.45, 0.77, 1.23, 2.38, 1.33 and 2.28 GB/s before the second and the fifth
were made faster.`;

const RUNNING = `The same work in workers that run already and have done it once, as in the editor: above, a tenth of a second goes into starting
Node and workers and compiling code, which is half of what the model of 400 MB takes. Copies are flushed to the disk.`;

const GROWTH = 'Nanoseconds a weight: where time grows with the number of weights and no faster, the last row is 1 or less.';

const EDITOR = `In a real VS Code, on the thread that all extensions share: medians of three starts, each of which opens every model once.
Measuring begins when VS Code's own extensions have started. Times count from the command that opens the file. A turn of the
event loop is what holds up other extensions; the first model also pays for what is done once, such as compiling code and
starting workers.`;

const SIZES = 'Bundles as they ship, minified, and the .vsix without the WebAssembly of ONNX Runtime. Tests hold them to the budgets.';

void main();
