/**
 * Plays the extension host in a plain browser, so that the page can be looked at and tested without VS Code. The query says
 * what to play: `?layers=20`, `?injection`, `?problem`, `?loading`, `?unreadable`, and which theme: `?theme=dark`.
 * Messages the page posts are kept in `window.posted`.
 */
import { parsePageMessage, type HostMessage, type PageMessage, type PlanRow } from '../../../src/protocol/page';
import { budgetOf, codebookOf, planRow, statisticsOf, syntheticModel } from './synthetic';

declare global {
  interface Window {
    posted: PageMessage[];
  }
}

/** Classes VS Code gives the body; the last one is the kind of theme. */
const THEME_CLASSES: Readonly<Record<string, string>> = {
  dark: 'vscode-dark', light: 'vscode-light', 'hc-dark': 'vscode-high-contrast',
  'hc-light': 'vscode-high-contrast vscode-high-contrast-light',
};

const query = new URLSearchParams(location.search);
const model = syntheticModel(Number(query.get('layers') ?? 20), query.has('injection'));
const plan: PlanRow[] = [...model.plan];
const theme = query.get('theme') ?? 'dark';
const STATE_KEY = 'harness-view-state';

document.documentElement.dataset['theme'] = theme;
document.body.className = THEME_CLASSES[theme] ?? '';
document.body.dataset['vscodeThemeKind'] = THEME_CLASSES[theme]?.split(' ').at(-1) ?? '';
window.posted = [];
const sent = new Set<number>();
const send = (message: HostMessage): void => window.postMessage(message);

function answer(message: PageMessage): void {
  switch (message.type) {
    case 'ready':
      if (query.has('loading')) return;
      if (query.has('problem')) return send({ type: 'problem', problem: PROBLEM });
      return send(model);
    case 'visible':
      for (const index of message.layers) sendStatistics(index);
      return;
    case 'select':
      if (message.current !== null) {
        sendStatistics(message.current);
        sendCodebook(message.current);
      }
      return;
    case 'setBits':
      for (const index of message.layers) {
        const layer = model.layers[index];
        if (layer) plan[index] = planRow(layer, message.bits === 'float' ? null : message.bits);
        sendCodebook(index);
      }
      return send({
        type: 'plan', plan: message.layers.flatMap((index) => plan[index] ?? []), budget: budgetOf(model.layers, plan),
      });
    default:
  }
}

function sendStatistics(index: number): void {
  const layer = model.layers[index];
  if (!layer || sent.has(index)) return;
  sent.add(index);
  if (query.has('unreadable') && index % 4 === 0) send({ type: 'layerProblem', index, problem: LAYER_PROBLEM });
  else send({ type: 'statistics', statistics: statisticsOf(layer) });
}

function sendCodebook(index: number): void {
  const layer = model.layers[index];
  const bits = plan[index]?.bits;
  if (layer) send({ type: 'codebook', index, codebook: bits ? codebookOf(layer, bits) : null });
}

const PROBLEM = {
  title: 'This file is a Git LFS pointer, not a model',
  remedy: 'Run "git lfs pull" in its repository, then reload.',
  detail: 'resnet8_cifar10.onnx is 132 bytes long and starts with "version https://git-lfs.github.com/spec/v1".',
};
const LAYER_PROBLEM = {
  title: 'The external file weights.bin is missing',
  remedy: 'Put it beside the model, then reload.',
  detail: 'model.onnx refers to weights.bin, bytes 1024 to 4096.',
};

Object.assign(window, {
  acquireVsCodeApi: () => ({
    postMessage(value: unknown) {
      const message = parsePageMessage(JSON.parse(JSON.stringify(value)));
      if (!message) throw new Error(`not a page message: ${JSON.stringify(value)}`);
      window.posted.push(message);
      setTimeout(() => answer(message));
    },
    getState: (): unknown => JSON.parse(sessionStorage.getItem(STATE_KEY) ?? 'null'),
    setState: (state: unknown) => sessionStorage.setItem(STATE_KEY, JSON.stringify(state)),
  }),
});
