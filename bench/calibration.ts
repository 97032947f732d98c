/**
 * Accuracy of calibrated copies on images that they were not calibrated on, as the command line writes them: by method and
 * width, and by how widths are allocated. Writes docs/calibration.md, or prints it when it is of some networks only.
 * Usage: npm run bench:calibration [-- FOLDER [NAME …]], where FOLDER holds `models` and `data`, and names are parts of those
 * of networks.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { calibrationDocument, type Measured } from './calibrationDocument';
import { ALLOCATORS, AVERAGES, METHODS, QUANTIZERS, SAMPLED, SAMPLES, type Method } from './calibrationMethods';
import { accuracy, allocated, measured } from './calibrationRuns';
import { subjects, type Subject } from './calibrationSubjects';

async function main(): Promise<void> {
  const [shared = '../shared', ...names] = process.argv.slice(2);
  const scratch = mkdtempSync(path.join(tmpdir(), 'quantscope-calibration-'));
  try {
    const wanted = subjects(path.resolve(shared), scratch).filter(({ name }) => names.length === 0 || names.some((part) => name.includes(part)));
    const found: Measured = { subjects: [], widths: [], samples: [], allocations: [] };
    const text = (): string => calibrationDocument(found, wanted.map(({ name }) => name));
    const write = (): void => { if (names.length === 0) writeFileSync('docs/calibration.md', text()); };
    const ofAll = <T>(tasks: (subject: Subject) => T[]): T[] => wanted.flatMap(tasks);
    const ofMethod = ({ name, options, bits }: Method): (() => Promise<void>)[] => ofAll((subject) => bits.map((width) => async () => {
      const run = await measured(subject, [...options, '--bits', String(width)], scratch, `${name}-${width}`);
      found.widths.push({ subject: subject.name, method: name, bits: width, run });
    }));
    await twoAtATime([
      ...ofAll((subject) => [async () => void found.subjects.push({ subject, top1: await accuracy(subject, subject.model) })]),
      ...METHODS.filter(({ slow }) => !slow).flatMap(ofMethod),
      ...ofAll((subject) => (subject.name === SAMPLED ? SAMPLES : []).map((samples) => async () => {
        const options = ['--bits', '2', '--rounding', 'gptq', '--calibration-samples', String(samples)];
        found.samples.push({ samples, run: await measured(subject, options, scratch, `samples-${samples}`) });
      })),
      ...AVERAGES.flatMap((average) => ALLOCATORS.flatMap((allocator) => QUANTIZERS.flatMap((quantizer) => ofAll((subject) => [
        async () => void found.allocations.push(await allocation(subject, average, allocator, quantizer, scratch)),
      ])))),
      ...METHODS.filter(({ slow }) => slow).flatMap(ofMethod),
    ], write);
    if (names.length > 0) console.log(text());
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function allocation(
  subject: Subject, average: number, allocator: (typeof ALLOCATORS)[number], quantizer: (typeof QUANTIZERS)[number], scratch: string,
): Promise<Measured['allocations'][number]> {
  const id = `${average}-${allocator.name}-${quantizer.name}`;
  const plan = path.join(scratch, `${subject.name}-${id}.json`);
  await allocated(subject, ['--average-bits', String(average), ...allocator.options, ...quantizer.options], plan);
  const run = await measured(subject, ['--plan', plan], scratch, id);
  return { subject: subject.name, allocator: allocator.name, average, quantizer: quantizer.name, run };
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
