import { ALLOCATORS, AVERAGES, METHODS, QUANTIZERS, SAMPLED, SAMPLES } from './calibrationMethods';
import type { Run } from './calibrationRuns';
import { shortfalls } from './calibrationShortfalls';
import type { Subject } from './calibrationSubjects';

export interface Measured {
  /** Networks, and accuracy of each in float. */
  subjects: { subject: Subject; top1: number }[];
  widths: { subject: string; method: string; bits: number; run: Run }[];
  /** Of one network at 2 bits by GPTQ. */
  samples: { samples: number; run: Run }[];
  allocations: { subject: string; allocator: string; average: number; quantizer: string; run: Run }[];
}

const WIDTHS = [2, 3, 4];
const MISSING = '–';

const percent = (share: number): string => (100 * share).toFixed(2);
const top1Text = (run: Run | undefined): string => (run ? percent(run.top1) : MISSING);
const sizeText = (run: Run | undefined): string => (run ? (run.bytes / 1024).toFixed(0) : MISSING);
const table = (head: string[], rows: string[][]): string => (
  [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
);

export function calibrationDocument(found: Measured, names: string[]): string {
  return `# Calibrated rounding and mixed precision, measured

Written by \`npm run bench:calibration\`. Copies are the command line's; accuracy is top-1 in percent, in ONNX Runtime, on images
that no copy was calibrated on: the 10,000 test images of MNIST for copies calibrated on the first 1,024 of 2,048 of its training
images; of CIFAR-10 the second 500 of 1,000 training images (no test images are at hand, and the networks have seen all of these)
for copies calibrated on the first 500. A dash: not measured.

${table(['Judged by', 'Images', 'Top-1 in float', 'Standard error'], names.map((name) => subjectRow(found, name)))}

The standard error is that of so many images drawn at random, at the accuracy in float: it is larger the nearer accuracy comes to
50. Two copies of one network are judged by the same images and differ by less. The two ResNet-8 are one network before and after
its batch normalisation was folded into the weights, which scales channels and so changes little where each channel has its own scale.

## Accuracy by method and width

Per channel, but SubsetQ, which has one subset a tensor (with reconstruction a scale a channel); all layers alike. N2UQ and
Lloyd-Max store a table of levels for each channel: their copies are larger, see the sizes below.

${names.map((name) => widthTable(found, name)).join('\n\n')}

## Size of copies in KB

${table(['2 / 3 / 4 bits', ...names], METHODS.map(({ name: method }) => [
    method, ...names.map((name) => WIDTHS.map((bits) => sizeText(runOf(found, name, method, bits))).join(' / ')),
  ]))}

## Errors of outputs

SQNR of the outputs of the worst layer in dB, on the very calibration data that it was rounded by, behind the layers that are
already quantized. It says nothing of other data, least where the calibration data are few (below).

${table(['2 / 3 / 4 bits', ...names], METHODS.map(({ name: method }) => [
    method,
    ...names.map((name) => WIDTHS.map((bits) => runOf(found, name, method, bits)?.worstOutputDb?.toFixed(1) ?? MISSING).join(' / ')),
  ]))}

## How much calibration data

${SAMPLED} at 2 bits by GPTQ on the first so many of the training images. Its layers have 784 and 512 inputs.

${table(['calibrated on', 'top-1', 'outputs of the worst layer, dB'], [
    ['nothing, nearest', top1Text(runOf(found, SAMPLED, 'nearest', 2)), MISSING],
    ...SAMPLES.map((samples) => {
      const run = found.samples.find((each) => each.samples === samples)?.run;
      return [`${samples.toLocaleString('en')} images`, top1Text(run), run?.worstOutputDb?.toFixed(1) ?? MISSING];
    }),
  ])}

${FEW_SAMPLES}

## Time and memory

Of the process that writes the copy at 2 bits, calibration included: seconds of processor time, and megabytes at most.

${table(['', ...names], METHODS.map(({ name: method }) => [method, ...names.map((name) => costText(runOf(found, name, method, 2)))]))}

## Widths of their own for layers

At most so many bits on average over all weights. *Equal* is the same width for all layers: beside 2.5 bits stand 2 and 3.
Each cell is accuracy when quantized by ${QUANTIZERS.map(({ name }) => `*${name}*`).join(' / ')}, and in brackets the sizes in KB.

${AVERAGES.map((average) => allocationTable(found, names, average)).join('\n\n')}

## Where it falls short

${shortfalls(found, names).join('\n\n')}

${READING}
`;
}

const READING = `ResNet-8 has few weights, some 78,000, in ten layers behind one another. Least is lost at 3 bits by GPTQ on the levels of
Lloyd-Max; on grids GPTQ loses less with an affine one, which has eight levels where a symmetric one has seven. Rounded to
nearest, the same network loses most of its accuracy at 3 and 4 bits to shifted means: bias correction alone brings most of it
back, and calibrated rounding does without it. At 2 bits nothing here comes near float.

Widths of their own help where a network loses much, as ResNet-8 does, and errors of weights choose them about as well as errors
of outputs do; coding lengths choose badly there. Where equal widths lose nothing, as at 4 bits on the MNIST networks, there is
nothing to win.`;

const FEW_SAMPLES = `The fewer images, the better outputs look on these, and the worse the copy is on others. With fewer positions (samples times
places of a convolution) than a layer has inputs, there are errors of weights that no position shows, and a rounding moves errors
there: it may then do worse than rounding to nearest, as on 16 and 64 images here. Command line and editor warn of such layers.`;

function subjectRow(found: Measured, name: string): string[] {
  const of = found.subjects.find(({ subject }) => subject.name === name);
  if (!of) return [name, MISSING, MISSING, MISSING];
  const { subject: { images }, top1 } = of;
  return [name, images.toLocaleString('en'), percent(top1), percent(Math.sqrt((top1 * (1 - top1)) / images))];
}

function runOf({ widths }: Measured, subject: string, method: string, bits: number): Run | undefined {
  return widths.find((each) => each.subject === subject && each.method === method && each.bits === bits)?.run;
}

function widthTable(found: Measured, name: string): string {
  const float = found.subjects.find(({ subject }) => subject.name === name)?.top1;
  const rows = METHODS.map(({ name: method }) => [method, ...WIDTHS.map((bits) => top1Text(runOf(found, name, method, bits)))]);
  return `### ${name}, ${float === undefined ? MISSING : percent(float)} in float\n\n${table(['', '2 bits', '3 bits', '4 bits'], rows)}`;
}

function costText(run: Run | undefined): string {
  return run?.cost ? `${run.cost.cpuSeconds.toFixed(1)} s, ${run.cost.megabytes.toFixed(0)} MB` : MISSING;
}

function allocationTable(found: Measured, names: string[], average: number): string {
  const cell = (runs: (Run | undefined)[]): string => `${runs.map(top1Text).join(' / ')} (${runs.map(sizeText).join(' / ')})`;
  const widths = [...new Set([Math.floor(average), Math.ceil(average)])];
  const equal = widths.map((bits) => [
    `equal, ${bits} bits`, ...names.map((name) => cell(QUANTIZERS.map((quantizer) => runOf(found, name, quantizer.name, bits)))),
  ]);
  const rows = ALLOCATORS.map(({ name: allocator }) => [allocator, ...names.map((name) => cell(QUANTIZERS.map((quantizer) => (
    found.allocations.find((each) => (
      each.subject === name && each.allocator === allocator && each.average === average && each.quantizer === quantizer.name))?.run
  ))))]);
  return `### ${average} bits on average\n\n${table(['widths by', ...names], [...equal, ...rows])}`;
}
