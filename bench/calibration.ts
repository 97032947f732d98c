/**
 * Accuracy of calibrated copies on images that they were not calibrated on, as the command line writes them: by method and
 * width, and by how widths are allocated. Writes docs/calibration.md. Usage: npm run bench:calibration [-- FOLDER [NAME …]],
 * where FOLDER holds `models` and `data`, and names are parts of those of networks.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { calibrationDocument, type Measured } from './calibrationDocument';
import { accuracy, allocated, measured } from './calibrationRuns';
import { subjects, type Subject } from './calibrationSubjects';

export interface Method {
  name: string;
  options: string[];
  /** All that are measured by default; Attention Round's random start is tried at 2 bits alone. */
  bits: number[];
  /** Measured last. */
  slow?: true;
}

export const METHODS: Method[] = [
  { name: 'nearest', options: [], bits: [2, 3, 4] },
  { name: 'GPTQ', options: ['--rounding', 'gptq'], bits: [2, 3, 4] },
  { name: 'SubsetQ, nearest', options: ['--method', 'subset'], bits: [2, 3, 4] },
  { name: 'N2UQ, mse', options: ['--method', 'n2uq', '--mode', 'mse'], bits: [2, 3, 4] },
  { name: 'N2UQ, calibrated', options: ['--method', 'n2uq', '--mode', 'calibrated'], bits: [2, 3, 4] },
  { name: 'Attention Round', options: ['--rounding', 'attention'], bits: [2, 3, 4] },
  { name: 'Attention Round, random start', options: ['--rounding', 'attention-normal'], bits: [2] },
  { name: 'SubsetQ, reconstruction', options: ['--method', 'subset', '--rounding', 'reconstruction'], bits: [2, 3, 4], slow: true },
];

export const ALLOCATORS: { name: string; options: string[] }[] = [
  { name: 'errors of weights', options: ['--by', 'sqnr'] },
  { name: 'coding length a weight', options: ['--by', 'coding-length'] },
  { name: 'coding length of layers', options: ['--by', 'coding-length', '--coding', 'total'] },
  { name: 'errors of outputs', options: ['--by', 'calibrated'] },
];
const AVERAGES = [2.5, 3, 4];
export const ROUNDINGS = ['nearest', 'gptq'];

async function main(): Promise<void> {
  const [shared = '../shared', ...names] = process.argv.slice(2);
  const scratch = mkdtempSync(path.join(tmpdir(), 'quantscope-calibration-'));
  try {
    const wanted = subjects(path.resolve(shared), scratch).filter(({ name }) => names.length === 0 || names.some((part) => name.includes(part)));
    const found: Measured = { subjects: [], widths: [], allocations: [] };
    const write = (): void => writeFileSync('docs/calibration.md', calibrationDocument(found, wanted.map(({ name }) => name), AVERAGES));
    const ofAll = <T>(tasks: (subject: Subject) => T[]): T[] => wanted.flatMap(tasks);
    const ofMethod = ({ name, options, bits }: Method): (() => Promise<void>)[] => ofAll((subject) => bits.map((width) => async () => {
      const run = await measured(subject, [...options, '--bits', String(width)], scratch, `${name}-${width}`);
      found.widths.push({ subject: subject.name, method: name, bits: width, run });
    }));
    await twoAtATime([
      ...ofAll((subject) => [async () => void found.subjects.push({ subject, top1: await accuracy(subject, subject.model) })]),
      ...METHODS.filter(({ slow }) => !slow).flatMap(ofMethod),
      ...AVERAGES.flatMap((average) => ALLOCATORS.flatMap((allocator) => ROUNDINGS.flatMap((rounding) => ofAll((subject) => [
        async () => void found.allocations.push(await allocation(subject, average, allocator, rounding, scratch)),
      ])))),
      ...METHODS.filter(({ slow }) => slow).flatMap(ofMethod),
    ], write);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function allocation(
  subject: Subject, average: number, { name, options }: (typeof ALLOCATORS)[number], rounding: string, scratch: string,
): Promise<Measured['allocations'][number]> {
  const id = `${average}-${name}-${rounding}`;
  const plan = path.join(scratch, `${subject.name}-${id}.json`);
  await allocated(subject, ['--average-bits', String(average), '--rounding', rounding, ...options], plan);
  return { subject: subject.name, allocator: name, average, rounding, run: await measured(subject, ['--plan', plan], scratch, id) };
}

/** @param onDone called after each task, so that a bench that is stopped leaves what it has measured */
async function twoAtATime(tasks: (() => Promise<void>)[], onDone: () => void): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < tasks.length; i = next++) {
      await tasks[i]!();
      onDone();
      console.error(`${i + 1} of ${tasks.length}`);
    }
  };
  await Promise.all([work(), work()]);
}

void main();
