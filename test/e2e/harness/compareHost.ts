/**
 * Plays the extension host for the page that compares two models. The query says what to play: `?rows=20`, `?equal`,
 * `?problem`, `?loading`, `?injection`, `?silent`, `?reshaped`, `?modules`, and which theme: `?theme=dark`. Messages the page posts are kept in `window.posted`.
 */
import { parseComparePageMessage, type CompareHostMessage, type ComparePageMessage, type CompareRow } from '../../../src/protocol/comparePage';
import { playTheme } from './theme';

const query = new URLSearchParams(location.search);
const posted: ComparePageMessage[] = [];
Object.assign(window, { posted });
const STATE_KEY = 'harness-view-state';
const STATES = ['changed', 'equal', 'changed', 'only-a', 'only-b', 'not-compared'] as const;
let tolerance = 0;
playTheme(query);
const send = (message: CompareHostMessage): void => window.postMessage(message);

function answer(message: ComparePageMessage): void {
  if (message.type === 'ping') return query.has('silent') ? undefined : send({ type: 'pong' });
  if (message.type === 'tolerance') tolerance = message.tolerance;
  else if (message.type !== 'ready') return;
  const model = (fileName: string) => ({ uri: `file:///models/${fileName}`, fileName, folder: 'models' });
  send({ type: 'models', a: model('resnet8.onnx'), b: model('resnet8.4bit.onnx'), tolerance });
  if (query.has('loading')) return send({ type: 'progress', fraction: 0.42 });
  if (query.has('problem')) send({ type: 'problem', problem: PROBLEM });
  else send(comparison(Array.from({ length: Number(query.get('rows') ?? 20) }, (_, index) => rowOf(index))));
  send({ type: 'progress', fraction: null });
}

function comparison(rows: CompareRow[]): CompareHostMessage {
  const states = Object.fromEntries(STATES.map((state) => [state, rows.filter((row) => row.state === state).length]));
  const totals = { bytes: 314_763, layers: rows.length, parameters: 77_706 };
  return {
    type: 'comparison', rows,
    summary: { a: totals, b: { ...totals, bytes: 49_112 }, states, sqnrDb: query.has('equal') ? null : 18.42, cosine: 0.99, identical: query.has('equal') },
  };
}

/** With a tolerance all layers that were changed are equal. */
function rowOf(index: number): CompareRow {
  const drawn = query.has('equal') ? 'equal' : STATES[index % STATES.length]!;
  const state = tolerance > 0 && drawn === 'changed' ? 'equal' : drawn;
  const name = query.has('injection') ? `<img src=x onerror="throw 1">${index}` : `layer${index}.conv.weight`;
  const layer = {
    ...(query.has('modules') ? moduleOf(index) : { name, scope: index % 7 === 6 ? 'If_0.then_branch' : '' }), op: 'Conv', dims: [64, 32, 3, 3], dtype: 'float32', bits: null,
    elements: 18_432, bytes: 73_728,
  };
  const copy = { ...layer, ...(drawn === 'changed' && { bits: 4, bytes: 9_216 }), ...(index % 6 === 2 && { dtype: 'float16', ...(query.has('reshaped') && { dims: [1024, 18_432, 3, 3] }) }) };
  const measured = state === 'changed' || state === 'equal';
  return {
    index, state,
    a: state === 'only-b' ? null : layer,
    b: state === 'only-a' ? null : copy,
    matchedBy: !measured ? null : index % 6 === 2 ? 'consumer' : 'name',
    sqnrDb: drawn === 'changed' ? 12 + index / 2 : null,
    maxAbsDifference: drawn === 'changed' ? 0.1 / (index + 1) : measured ? 0 : null,
    cosine: measured ? 0.99 : null,
    beyond: measured ? (state === 'changed' ? 120 : 0) : null,
    unlike: measured ? (index === 8 ? 3 : 0) : null,
    identical: measured ? drawn === 'equal' : null,
    note: state === 'not-compared' ? 'its codes are not read as weights' : '',
  };
}

/** Four layers a module: their names differ at the end alone. */
function moduleOf(index: number): { scope: string; name: string } {
  const part = ['attn.c_attn', 'attn.c_proj', 'mlp.c_fc', 'mlp.c_proj'][index % 4]!;
  return { scope: 'BeamSearch_gpt2.decoder', name: `transformer.h.${Math.floor(index / 4)}.${part}.weight` };
}

const PROBLEM = {
  title: 'This is a Git LFS pointer, not the model itself', remedy: 'Run "git lfs pull" to fetch the model', detail: 'resnet8.onnx',
};

Object.assign(window, {
  acquireVsCodeApi: () => ({
    postMessage(value: unknown) {
      const message = parseComparePageMessage(JSON.parse(JSON.stringify(value)));
      if (!message) throw new Error(`not a page message: ${JSON.stringify(value)}`);
      if (message.type !== 'ping') posted.push(message);
      setTimeout(() => answer(message));
    },
    getState: (): unknown => JSON.parse(sessionStorage.getItem(STATE_KEY) ?? 'null'),
    setState: (state: unknown) => sessionStorage.setItem(STATE_KEY, JSON.stringify(state)),
  }),
});
