import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import type { OpeningTimes } from '../openingTimes';
import { median } from './program';
import type { Subject } from './subjects';
import { below, judged, number, table } from './text';

/** Each in a VS Code of its own, so that each is a first opening. */
const RUNS = 3;
const LONGEST_TURN = below(50);

/** What is done once, when the first model is opened, is this one's. */
const FIRST = { name: 'LeNet-5, opened first', path: resolve('samples/lenet5_mnist.onnx') };

/** Times in a real VS Code, or why there are none. */
export function editorText(models: Subject[]): string {
  const subjects = [FIRST, ...models];
  const runs: OpeningTimes[] = [];
  for (let i = 0; i < RUNS; i++) {
    const run = openingTimes(subjects.map(({ path }) => path));
    if (typeof run === 'string') return `VS Code could not be started here: ${run}`;
    console.error(`VS Code: activated in ${number(run.activation)} ms`);
    runs.push(run);
  }
  const rows = subjects.map(({ name }, i) => {
    const of = (part: 'layersKnown' | 'rowsOnScreen' | 'allStatistics' | 'longestTurn'): number => median(runs.map(({ openings }) => openings[i]![part]));
    return [name, number(of('layersKnown')), number(of('rowsOnScreen')), number(of('allStatistics')), judged(of('longestTurn'), LONGEST_TURN)];
  });
  return `The extension is activated in ${number(median(runs.map(({ activation }) => activation)))} ms.\n\n`
    + table(['Milliseconds', 'Layers known', 'Rows on screen', 'Statistics of all layers', 'Longest turn of the extension host'], rows);
}

/** What `openingTimes` prints in the editor, or the last line of what went wrong. */
function openingTimes(models: string[]): OpeningTimes | string {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'bench/host.ts', 'openingTimes'], {
    encoding: 'utf8',
    env: { ...process.env, QUANTSCOPE_BENCH_MODELS: JSON.stringify(models) },
  });
  const line = stdout.split('\n').find((each) => each.startsWith('{"activation"'));
  if (status === 0 && line) return JSON.parse(line) as OpeningTimes;
  return stderr.trim().split('\n').find((each) => each.includes('Error')) ?? `exit code ${status}`;
}
