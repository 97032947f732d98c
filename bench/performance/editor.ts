import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import type { OpeningTimes } from '../openingTimes';
import { median } from './program';
import type { Subject } from './subjects';
import { below, judged, number, table } from './text';

/** Each in a VS Code of its own, so that each is a first opening. */
const RUNS = 3;
const LONGEST_TURN = below(50);
const ACTIVATION = below(50);
const ROWS_ON_SCREEN = below(300);

/** What is done once, when the first model is opened, is this one's. */
const FIRST = { name: 'LeNet-5, opened first', path: resolve('samples/lenet5_mnist.onnx') };

/** Times in a real VS Code, or why there are none. Rows of `large` models have a time to be on screen by; `others` have none. */
export function editorText(large: Subject[], others: Subject[]): string {
  const subjects = [FIRST, ...large, ...others];
  const runs: OpeningTimes[] = [];
  for (let i = 0; i < RUNS; i++) {
    const run = openingTimes(subjects.map(({ path }) => path));
    if (typeof run === 'string') return `VS Code could not be started here: ${run}`;
    console.error(`VS Code: activated in ${number(run.activation)} ms`);
    runs.push(run);
  }
  const rows = subjects.map((subject, i) => {
    const of = (part: 'layersKnown' | 'rowsOnScreen' | 'allStatistics' | 'longestTurn'): number => median(runs.map(({ openings }) => openings[i]![part]));
    const onScreen = of('rowsOnScreen');
    return [
      subject.name, number(of('layersKnown')), large.some(({ name }) => name === subject.name) ? judged(onScreen, ROWS_ON_SCREEN) : number(onScreen),
      number(of('allStatistics')), judged(of('longestTurn'), LONGEST_TURN),
    ];
  });
  const activation = judged(median(runs.map((run) => run.activation)), ACTIVATION, ' ms');
  const emptyPage = number(median(runs.map((run) => run.emptyPage)));
  return `The extension is activated in ${activation}. A page that only says that it runs takes VS Code ${emptyPage} ms.\n\n`
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
