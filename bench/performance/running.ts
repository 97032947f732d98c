import { closeSync, openSync, readSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { valueOf } from '../../src/cli/session';
import { completeSettings, type PartialSettings } from '../../src/core/plan/layerSettings';
import { pageAligned } from '../../src/platform/pageAligned';
import { startWorker } from '../../src/platform/startWorker';
import { createCoreClient, type CoreClient } from '../../src/workers/coreClient';
import { createWorkerPool } from '../../src/workers/workerPool';
import { median } from './program';
import type { Subject } from './subjects';
import { atLeast, judged, number, table } from './text';
import { removeCopy } from './writing';

const RUNS = 3;
const BITS = 4;
const COPIES: [name: string, settings: PartialSettings][] = (['tensor', 'channel'] as const).flatMap((granularity) => [
  [`quantizing to the largest weight, per ${granularity}`, { bits: BITS, support: 'abs-max', granularity }],
  [`quantizing to Lloyd-Max levels, per ${granularity}`, { bits: BITS, method: 'lloyd-max', fit: 'model', granularity }],
] satisfies [string, PartialSettings][]);

/** What work itself takes, in workers that run and have done it once, as in the editor: nothing is started or compiled. */
export async function runningTable(subjects: Subject[], scratch: string): Promise<string> {
  const pool = createWorkerPool(() => startWorker(resolve('dist', 'coreWorker.js')));
  const core = createCoreClient(pool);
  try {
    const rows: string[][] = [];
    for (const subject of subjects) rows.push(...await rowsOf(subject, core, scratch));
    return table(['', 'Seconds', 'GB/s', 'Of the speed of reading'], rows);
  } finally {
    await pool.dispose();
  }
}

async function rowsOf({ name, path, files, bytes }: Subject, core: CoreClient, scratch: string): Promise<string[][]> {
  const { layers } = valueOf(await core.openModel({ path }));
  const inspect = async (): Promise<void> => {
    const outcomes = await Promise.all(layers.map(({ index }) => core.layerStatistics({ path }, index, 128)));
    outcomes.forEach(valueOf);
  };
  const quantize = async (partial: PartialSettings): Promise<void> => {
    const planned = layers.map(({ index }) => ({ layer: index, settings: completeSettings(partial) }));
    const target = { path: join(scratch, 'copy.onnx'), format: 'exact' as const, force: true, verify: false };
    valueOf(await core.quantizeModel({ path }, planned, target));
  };
  const reading = await secondsOf(async () => files.forEach(read));
  const inspecting = await secondsOf(inspect);
  const gigabytes = (seconds: number): number => bytes / 1e9 / seconds;
  const rows = [
    [`${name}: reading in blocks of 1 MB, one thread`, number(reading), number(gigabytes(reading)), '1'],
    [`${name}: inspecting`, number(inspecting), number(gigabytes(inspecting)), judged(reading / inspecting, atLeast(0.7))],
  ];
  for (const [what, settings] of COPIES) {
    const seconds = await secondsOf(() => quantize(settings));
    rows.push([`${name}: ${what}`, number(seconds), judged(gigabytes(seconds), atLeast(0.8)), number(reading / seconds)]);
  }
  removeCopy(scratch);
  return rows;
}

/** The median, after once that does not count. */
async function secondsOf(work: () => Promise<void>): Promise<number> {
  await work();
  const seconds: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    await work();
    seconds.push((performance.now() - start) / 1000);
  }
  return median(seconds);
}

function read(path: string): void {
  const block = pageAligned(1 << 20);
  const file = openSync(path, 'r');
  while (readSync(file, block) > 0);
  closeSync(file);
}
