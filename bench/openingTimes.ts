import { ViewColumn, window } from 'vscode';
import type { ModelHost } from '../src/editor/modelHost';
import { FIRST_INSPECTED, type PageView } from '../src/editor/pageView';
import type { Services } from '../src/services';
import { activate, closeEditors, eventually, openModel } from '../test/editor/support';
import { watchTurns } from './longestTurn';

/** In milliseconds: longer than what an extension host does that has nothing to do. */
const STARTING_TURN = 10;
const MOST_SECONDS = 30;

/** In milliseconds, from the command that opens the file on. */
export interface Opening {
  file: string;
  layersKnown: number;
  rowsOnScreen: number;
  allStatistics: number;
  longestTurn: number;
}

export interface OpeningTimes {
  activation: number;
  openings: Opening[];
  /** Until a page of one line of script runs, when VS Code has shown pages before. */
  emptyPage: number;
}

/** Opens the models that `QUANTSCOPE_BENCH_MODELS` lists and prints `OpeningTimes`; VS Code calls it in its extension host. */
export async function run(): Promise<void> {
  await othersStarted();
  const start = performance.now();
  const services = await activate();
  const activation = performance.now() - start;
  const openings: Opening[] = [];
  for (const file of JSON.parse(process.env.QUANTSCOPE_BENCH_MODELS ?? '[]') as string[]) openings.push(await opening(services, file));
  console.log(JSON.stringify({ activation, openings, emptyPage: await emptyPage() } satisfies OpeningTimes));
}

/** VS Code starts its own extensions on the same thread: waits until a second has passed without a long turn. */
async function othersStarted(): Promise<void> {
  for (let second = 0, longest = Infinity; longest > STARTING_TURN && second < MOST_SECONDS; second++) {
    const turns = watchTurns();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    longest = turns();
  }
}

async function opening(services: Services, file: string): Promise<Opening> {
  const turns = watchTurns();
  const start = performance.now();
  const since = (): number => performance.now() - start;
  const { host } = await openModel(services, file);
  const layersKnown = since();
  await eventually('rows on screen', () => services.editors.activePage?.visible.length);
  const rowsOnScreen = since();
  await statisticsOfAll(host);
  const allStatistics = since();
  const longestTurn = turns();
  await closeEditors();
  return { file, layersKnown, rowsOnScreen, allStatistics, longestTurn };
}

async function emptyPage(): Promise<number> {
  const start = performance.now();
  const panel = window.createWebviewPanel('empty', 'Empty', ViewColumn.Active, { enableScripts: true });
  const runs = new Promise((resolve) => panel.webview.onDidReceiveMessage(resolve));
  panel.webview.html = '<!DOCTYPE html><script>acquireVsCodeApi().postMessage(0)</script>';
  await runs;
  const time = performance.now() - start;
  panel.dispose();
  return time;
}

/** Resolves when a page so tall that it shows all layers has statistics of each. */
function statisticsOfAll(host: ModelHost): Promise<void> {
  const visible = host.model!.summary.layers.map(({ index }) => index);
  const waiting = new Set(visible);
  return new Promise((resolve) => {
    const page: PageView = {
      visible, selected: [], current: null, inspected: FIRST_INSPECTED,
      post(message) {
        if (message.type === 'statistics') waiting.delete(message.statistics.index);
        if (message.type === 'layerProblem') waiting.delete(message.index);
        if (waiting.size === 0) resolve();
      },
    };
    host.pageReady(page);
  });
}
