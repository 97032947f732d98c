import { ALLOCATORS, METHODS, ROUNDINGS } from './calibration';
import type { Run } from './calibrationRuns';
import type { Subject } from './calibrationSubjects';

export interface Measured {
  subjects: { subject: Subject; top1: number }[];
  widths: { subject: string; method: string; bits: number; run: Run }[];
  allocations: { subject: string; allocator: string; average: number; rounding: string; run: Run }[];
}

/** Points of accuracy that are worth a line of their own in the last section. */
const LOSS = { at2Bits: 0.6, at3Bits: 1 };
const WIDTHS = [2, 3, 4];

const percent = (share: number): string => (100 * share).toFixed(2);
const table = (head: string[], rows: string[][]): string => (
  [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
);

export function calibrationDocument(found: Measured, names: string[], averages: number[]): string {
  const float = new Map(found.subjects.map(({ subject, top1 }) => [subject.name, top1]));
  const images = found.subjects.map(({ subject }) => `${subject.name} ${subject.images.toLocaleString('en')}`).join(', ');
  return `# Calibrated rounding and mixed precision, measured

Written by \`npm run bench:calibration\`. Copies are the command line's; accuracy is top-1 in percent, in ONNX Runtime, on images
that no copy was calibrated on: the 10,000 test images of MNIST for copies calibrated on the first 1,024 of 2,048 of its training
images; of CIFAR-10 the second 500 of 1,000 training images (no test images are at hand, and the networks have seen all of these)
for copies calibrated on the first 500. Images judged by: ${images}. The last digits are noise: of 10,000 images a deviation is 0.1
to 0.2 points, of 500 about 1.2. A dash: not measured.

## Accuracy by method and width

Per channel, but SubsetQ, which has one subset a tensor (with reconstruction a scale a channel); all layers alike.

${names.map((name) => widthTable(found, name, float.get(name))).join('\n\n')}

## Errors of outputs

SQNR of the outputs of the worst layer in dB, on the calibration data, behind the layers that are already quantized.

${table(['2 / 3 / 4 bits', ...names], METHODS.map(({ name: method, bits }) => [
    method,
    ...names.map((name) => WIDTHS.map((width) => (bits.includes(width) ? runOf(found, name, method, width)?.worstOutputDb?.toFixed(1) ?? '–' : '–')).join(' / ')),
  ]))}

## Time and memory

Of the process that writes the copy at 2 bits, calibration included: seconds, and megabytes at most; runs went two at a time.

${table(['', ...names], METHODS.map(({ name: method }) => [method, ...names.map((name) => costText(runOf(found, name, method, 2)))]))}

## Widths of their own for layers

At most so many bits on average over all weights. *Equal* is the same width for all layers. "To nearest / by GPTQ".

${averages.map((average) => allocationTable(found, names, average)).join('\n\n')}

## Where it falls short

${shortfalls(found, float).join('\n')}
`;
}

function runOf({ widths }: Measured, subject: string, method: string, bits: number): Run | undefined {
  return widths.find((each) => each.subject === subject && each.method === method && each.bits === bits)?.run;
}

function widthTable(found: Measured, name: string, float: number | undefined): string {
  const rows = METHODS.map(({ name: method }) => [method, ...WIDTHS.map((bits) => top1Text(runOf(found, name, method, bits)))]);
  return `### ${name}, ${float === undefined ? '–' : percent(float)} in float\n\n${table(['', '2 bits', '3 bits', '4 bits'], rows)}`;
}

function top1Text(run: Run | undefined): string {
  return run ? percent(run.top1) : '–';
}

function costText(run: Run | undefined): string {
  return run ? `${run.seconds.toFixed(1)} s${run.megabytes === null ? '' : `, ${run.megabytes.toFixed(0)} MB`}` : '–';
}

function allocationTable(found: Measured, names: string[], average: number): string {
  const widths = Number.isInteger(average) ? [average] : [Math.floor(average), Math.ceil(average)];
  const equal = widths.map((bits) => [
    `equal, ${bits} bits`,
    ...names.map((name) => `${top1Text(runOf(found, name, 'nearest', bits))} / ${top1Text(runOf(found, name, 'GPTQ', bits))}`),
  ]);
  const rows = ALLOCATORS.map(({ name: allocator }) => [allocator, ...names.map((name) => ROUNDINGS.map((rounding) => (
    top1Text(found.allocations.find((each) => each.subject === name && each.allocator === allocator && each.average === average && each.rounding === rounding)?.run)
  )).join(' / '))]);
  return `### ${average} bits on average\n\n${table(['widths by', ...names], [...equal, ...rows])}`;
}

/** What loses more than it should, by the numbers. */
function shortfalls(found: Measured, float: ReadonlyMap<string, number>): string[] {
  const lost = (subject: string, { top1 }: Run): number => 100 * ((float.get(subject) ?? 0) - top1);
  const at2 = found.widths
    .filter(({ subject, method, bits, run }) => (
      bits === 2 && subject.includes('mnist') && /GPTQ|Attention/.test(method) && lost(subject, run) > LOSS.at2Bits))
    .map(({ subject, method, run }) => `* ${subject}, ${method}, 2 bits: ${lost(subject, run).toFixed(2)} points below float.`);
  const equal3 = found.widths
    .filter(({ subject, method, bits, run }) => bits === 3 && /GPTQ|Attention|calibrated/.test(method) && lost(subject, run) > LOSS.at3Bits)
    .map(({ subject, method, run }) => `* ${subject}, ${method}, 3 bits: ${lost(subject, run).toFixed(2)} points below float.`);
  const best = new Map<string, Measured['allocations'][number]>();
  for (const each of found.allocations) {
    if (each.average === 3 && each.run.top1 > (best.get(each.subject)?.run.top1 ?? -1)) best.set(each.subject, each);
  }
  const at3 = [...best.values()]
    .filter(({ subject, run }) => lost(subject, run) > LOSS.at3Bits)
    .map(({ subject, allocator, rounding, run }) => (
      `* ${subject}, 3 bits on average: the best here, widths by ${allocator}, ${rounding}, is ${lost(subject, run).toFixed(1)} points below float.`));
  return [
    `Of GPTQ and Attention Round at 2 bits on the MNIST networks, more than ${LOSS.at2Bits} points below float:`, '',
    ...(at2.length > 0 ? at2 : ['* none.']), '',
    `Of GPTQ, Attention Round and calibrated N2UQ at 3 bits for all layers, more than ${LOSS.at3Bits} point below float:`, '',
    ...(equal3.length > 0 ? equal3 : ['* none.']), '',
    `Of the best allocation measured at 3 bits on average, more than ${LOSS.at3Bits} point below float:`, '', ...(at3.length > 0 ? at3 : ['* none.']),
  ];
}
