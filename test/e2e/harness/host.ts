/**
 * Plays the extension host in a plain browser, so that the page can be looked at and tested without VS Code. The query says
 * what to play: `?layers=20`, `?injection`, `?problem`, `?loading`, `?unreadable`, `?approximate`, `?weights=flat`, `?ruinous`, `?unknownChannels`, `?fixed`, `?types`, and which theme: `?theme=dark`.
      send(model);
      return sendCalibration();
    case 'ping':
      if (!query.has('silent')) send({ type: 'pong' });
      return;
    case 'calibration':
      return send({ type: 'calibration', calibration: { file: 'images.npy', progress: { state: 'cancelled' } } });
 */
import type { AllocationTarget } from '../../../src/protocol/allocation';
import type { AllocationAction } from '../../../src/protocol/allocationPage';
import {
  parsePageMessage, type CalibrationState, type ChosenSettings, type HostMessage, type Inspected, type LayerRow, type MethodCurves, type PageMessage, type PlanRow, type TableLayout,
} from '../../../src/protocol/page';
import {
  beingRounded, budgetOf, codebookOf, flatStatisticsOf, outlyingStatisticsOf, planRow, previousOf, statisticsOf, syntheticModel,
  withOutputs,
} from './synthetic';
import { allocationsOf, foundFor } from './syntheticAllocations';
import { channelErrorsOf, channelRangesOf, nodesOf } from './syntheticChannels';
import { curvesOf, errorsOf, supportOf, withOutputPoints } from './syntheticCurves';
import { playTheme } from './theme';

declare global {
  interface Window {
    posted: PageMessage[];
    changeFile(): void;
    loseFile(): void;
  }
}

const query = new URLSearchParams(location.search);
const model = syntheticModel(Number(query.get('layers') ?? 20), query.has('injection'));
const plan: PlanRow[] = [...model.plan];
const STATE_KEY = 'harness-view-state';
const LAYOUT_KEY = 'harness-table-layout';
if (query.has('types')) for (const layer of model.layers) if (layer.index % 5 === 1) Object.assign(layer, { dtype: 'bfloat16', bytes: layer.bytes / 2 });
if (query.has('unknownChannels')) for (const layer of model.layers) layer.channelsUnknown = true;
if (query.has('fixed')) for (const layer of model.layers) layer.fixed = 'it looks like a fixed transform, not a learned weight, and is quantized only when chosen itself';
if (query.has('ruinous')) for (const row of plan) if (row.bits === 2) Object.assign(row, { support: 'abs-max', ruinous: true });
if (query.has('modules')) for (const layer of model.layers) Object.assign(layer, { name: moduleName(layer.index), scope: '' });

playTheme(query);
window.posted = [];
const sent = new Set<number>();
const weightsOf = { flat: flatStatisticsOf, outlying: outlyingStatisticsOf }[query.get('weights') ?? ''] ?? statisticsOf;
const EXACT_AFTER_MS = 300;
const CODING_LENGTHS_AFTER_MS = 300;
let inspected: Inspected = { tab: 'distribution', perTensor: false };
let current: number | null = null;
const send = (message: HostMessage): void => window.postMessage(message);

function answer(message: PageMessage): void {
  switch (message.type) {
    case 'ready':
      if (query.has('loading')) return;
      if (query.has('problem')) return send({ type: 'problem', problem: PROBLEM });
      if (layoutKept() !== null) send({ type: 'tableLayout', layout: JSON.parse(layoutKept() ?? '') as TableLayout });
      send(model);
      return sendCalibration();
    case 'ping':
      if (!query.has('silent')) send({ type: 'pong' });
      return;
    case 'calibration':
      return send({ type: 'calibration', calibration: { file: 'images.npy', progress: { state: 'cancelled' } } });
    case 'tableLayout':
      if (message.layout === null) return sessionStorage.removeItem(LAYOUT_KEY);
      return sessionStorage.setItem(LAYOUT_KEY, JSON.stringify(message.layout));
    case 'visible':
      for (const index of message.layers) sendStatistics(index);
      return;
    case 'select':
      if (message.current !== null) {
        sendStatistics(message.current);
        sendCodebook(message.current);
      }
      current = message.current;
      return sendCurves();
    case 'inspect':
      inspected = message;
      return sendCurves();
    case 'setSettings':
      for (const index of message.layers) {
        const layer = model.layers[index];
        const bits = message.settings.bits ?? plan[index]?.bits ?? 8;
        if (layer) plan[index] = { ...planRow(layer, bits), method: message.settings.method, ...chosen(message.settings) };
        sendCodebook(index);
      }
      sendCurves();
      return sendPlan(message.layers);
    case 'command':
      if (message.command === 'allocateBits') openAllocation();
      return;
    case 'allocation':
      return sendAllocation(message.action);
    case 'setBits':
      for (const index of message.layers) {
        const layer = model.layers[index];
        if (layer) plan[index] = planRow(layer, message.bits === 'float' ? null : message.bits);
        sendCodebook(index);
      }
      return sendPlan(message.layers);
    default:
  }
}

/** What was asked of the panel of allocations since it was opened. */
let allocation: { endsFixed: boolean; codingLengths: boolean; target: AllocationTarget | null };

function openAllocation(): void {
  allocation = { endsFixed: false, codingLengths: false, target: null };
  showAllocation();
}

function showAllocation(): void {
  const { target } = allocation;
  send({
    type: 'allocation', choices: allocationsOf(model.layers, allocation), found: target && foundFor(model.layers, target, allocation),
  });
}

function sendAllocation(action: AllocationAction): void {
  switch (action.kind) {
    case 'ends':
      allocation.endsFixed = action.fixed;
      return showAllocation();
    case 'codingLengths':
      allocation.codingLengths = true;
      return void setTimeout(showAllocation, CODING_LENGTHS_AFTER_MS);
    case 'find':
      allocation.target = action.target;
      return send({ type: 'allocationFound', found: foundFor(model.layers, action.target, allocation) });
    case 'apply':
    case 'close': return send({ type: 'allocation', choices: null, found: null });
  }
}

function curvesWithOutputs(layer: LayerRow, perTensor: boolean, exact: boolean): MethodCurves {
  const curves = curvesOf(layer, perTensor, exact);
  return query.get('calibration') === 'done' ? withOutputPoints(curves) : curves;
}

function sendCalibration(): void {
  const state = query.get('calibration');
  if (state === null) return;
  send({ type: 'calibration', calibration: { file: 'images.npy', progress: CALIBRATION[state] ?? CALIBRATION.done! } });
  if (state !== 'done' && state !== 'rounding') return;
  plan.forEach((row, index) => {
    plan[index] = state === 'done' ? withOutputs(row) : beingRounded(withOutputs(row));
  });
  sendPlan(plan.map(({ index }) => index));
}

function sendPlan(layers: readonly number[]): void {
  send({ type: 'plan', plan: layers.flatMap((index) => plan[index] ?? []), budget: budgetOf(model.layers, plan) });
}

function chosen({ granularity, support }: ChosenSettings): Partial<PlanRow> {
  return { ...(granularity !== undefined && { granularity }), ...(support !== undefined && { support }) };
}

/** Approximately at once, exactly a little later. */
function sendCurves(): void {
  const layer = current === null ? undefined : model.layers[current];
  if (layer && inspected.tab === 'node') return send({ type: 'layerNodes', nodes: nodesOf(layer) });
  if (!layer || layer.reason !== null) return;
  if (inspected.tab === 'channels') return sendChannels(layer);
  const { tab, perTensor } = inspected;
  const bits = plan[layer.index]?.bits ?? 8;
  const answer = (exact: boolean): void => {
    if (current !== layer.index || inspected.tab !== tab || inspected.perTensor !== perTensor) return;
    if (tab === 'error') send({ type: 'methodCurves', curves: curvesWithOutputs(layer, perTensor, exact) });
    else send({ type: 'supportCurve', curve: supportOf(layer, bits, exact) });
  };
  const row = plan[layer.index];
  const errors = row && errorsOf(layer, row);
  if (tab === 'error' && errors) send({ type: 'layerErrors', errors });
  answer(false);
  if (!query.has('approximate')) setTimeout(answer, EXACT_AFTER_MS, true);
}

function sendChannels(layer: LayerRow): void {
  const count = Number(query.get('channels') ?? layer.dims[0] ?? 0);
  send({ type: 'channelRanges', ranges: channelRangesOf(layer, count) });
  const row = plan[layer.index];
  if (row?.sqnrDb !== null && row !== undefined) send({ type: 'channelErrors', errors: channelErrorsOf(layer, count, row.sqnrDb) });
}

/** Five layers a block; the first block has a layer beside them. */
function moduleName(index: number): string {
  return index === 0 ? 'stem.weight' : `model.layers.${Math.floor((index - 1) / 5)}.mlp.proj${(index - 1) % 5}.weight`;
}

function layoutKept(): string | null {
  return sessionStorage.getItem(LAYOUT_KEY);
}

let fileChanged = false;

/** Every third layer stays where it was, layer 4 moves most. */
function moved({ index }: LayerRow): number {
  return index === 4 ? 0.5 : index % 3 === 0 ? 0 : 0.001 * (index % 50);
}

window.changeFile = () => {
  send(model);
  sent.clear();
  fileChanged = true;
  const layers = model.layers.filter(({ reason }) => reason === null).map((layer) => ({ index: layer.index, ks: moved(layer) }));
  send({ type: 'drift', layers: layers.slice(0, 10) });
  send({ type: 'drift', layers: layers.slice(10) });
};

window.loseFile = () => send({
  type: 'waiting', problem: { title: 'There is no such file', remedy: 'Check the path', detail: '/models/resnet8_cifar10.onnx' },
});

function sendStatistics(index: number): void {
  const layer = model.layers[index];
  if (!layer || sent.has(index)) return;
  sent.add(index);
  if (query.has('unreadable') && index % 4 === 0) send({ type: 'layerProblem', index, problem: LAYER_PROBLEM });
  else send({ type: 'statistics', statistics: { ...weightsOf(layer), previous: fileChanged ? previousOf(layer, moved(layer)) : null } });
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
const CALIBRATION: Record<string, CalibrationState['progress']> = {
  running: { state: 'running', fraction: 0.42 },
  done: { state: 'done', reading: 'as stored, channels last', captured: 16, layers: 20 },
  failed: { state: 'failed', problem: { title: 'There is no such file', remedy: 'Check the path', detail: '/data/images.npy' } },
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
      if (message.type !== 'ping') window.posted.push(message);
      setTimeout(() => answer(message));
    },
    getState: (): unknown => JSON.parse(sessionStorage.getItem(STATE_KEY) ?? 'null'),
    setState: (state: unknown) => sessionStorage.setItem(STATE_KEY, JSON.stringify(state)),
  }),
});
