import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Comparison } from '../../../src/comparison/comparison';
import { isCopyOf, originalFirst } from '../../../src/comparison/copyNames';
import type { ComparedLayer, ModelComparison } from '../../../src/core/compare/compareModels';
import type { Problem } from '../../../src/core/errors';
import type { Outcome } from '../../../src/protocol/coreService';
import { parseCompareHostMessage, parseComparePageMessage, type CompareHostMessage } from '../../../src/protocol/comparePage';
import { FakeCore } from '../editor/fakeCore';

const layer = (name: string, index: number): ComparedLayer => ({
  index, name, scope: '', op: 'Conv', node: 'conv', dims: [2, 3], dtype: 'float32', bits: null, elements: 6, bytes: 24,
});
const difference = {
  count: 6, sqnrDb: Infinity, maxAbsDifference: 0, cosine: 1, unlike: 0, beyond: 0, identical: true,
};
const found: ModelComparison = {
  a: { path: '/a.onnx', bytes: 100, layers: 2, parameters: 12, externalFiles: ['a.bin'] },
  b: { path: '/b.onnx', bytes: 90, layers: 1, parameters: 6, externalFiles: [] },
  layers: [
    { a: layer('w0', 0), b: layer('w0', 5), matchedBy: 'name', state: 'equal', changes: [], difference, problem: null },
    { a: layer('w1', 1), b: null, matchedBy: null, state: 'only-a', changes: [], difference: null, problem: null },
  ],
  states: { equal: 1, changed: 0, 'not-compared': 0, 'only-a': 1, 'only-b': 0 },
  difference,
};

let answers: Outcome<ModelComparison>[];
let asked: { a: string; b: string; tolerance: number; signal: AbortSignal | undefined }[];
let messages: CompareHostMessage[];
let compared: ModelComparison[];
let comparison: Comparison;
/** What the core waits for before it answers. */
let gate: Promise<void>;

const failure = (code: Problem['code']): Outcome<never> => ({ ok: false, problem: { code, place: { file: '/a.onnx' }, detail: {} } });
const take = (): CompareHostMessage[] => messages.splice(0);

beforeEach(() => {
  answers = [{ ok: true, value: found }];
  asked = [];
  messages = [];
  compared = [];
  gate = Promise.resolve();
  const core = new FakeCore([]);
  core.compareModels = async (a, b, { tolerance }, options) => {
    asked.push({ a: a.path, b: b.path, tolerance, signal: options?.signal });
    await gate;
    options?.onProgress?.(0.5);
    return answers.length > 1 ? answers.shift()! : answers[0]!;
  };
  const file = (name: string) => ({
    uri: `file:///${name}`, fileName: name, folder: '.',
    locate: async () => ({ ok: true as const, value: { path: `/${name}` } }),
  });
  comparison = new Comparison({
    a: file('a.onnx'), b: file('b.onnx'), tolerance: 0, core, log: { warn: () => {} },
    onCompared: (models) => compared.push(models),
    post(message) {
      const parsed = parseCompareHostMessage(JSON.parse(JSON.stringify(message)));
      if (!parsed) throw new Error(`not a message: ${JSON.stringify(message)}`);
      messages.push(parsed);
    },
  });
  return () => {
    comparison.dispose();
    vi.useRealTimers();
  };
});

test('tells what is compared, how far it is, and what came of it', async () => {
  await comparison.start();
  const posted = take();
  expect(posted.map((message) => (message.type === 'progress' ? message.fraction : message.type)))
    .toEqual(['models', 0, 0.5, 'comparison', null]);
  expect(posted[0]).toMatchObject({ a: { fileName: 'a.onnx' }, b: { uri: 'file:///b.onnx' }, tolerance: 0 });
  expect(posted[3]).toMatchObject({
    summary: { a: { bytes: 100, layers: 2, parameters: 12 }, states: { equal: 1, 'only-a': 1 }, sqnrDb: null, identical: true },
    rows: [{ index: 0, state: 'equal', sqnrDb: null, identical: true, note: '' }, { index: 1, state: 'only-a', b: null, identical: null }],
  });
  expect(compared).toEqual([found]);
});

test('tells it all again to a page that comes late', async () => {
  await comparison.start();
  take();
  comparison.pageReady();
  expect(take().map(({ type }) => type)).toEqual(['models', 'comparison', 'progress']);
});

test('answers a page that asks whether anybody is there', () => {
  comparison.answerPing();
  expect(take()).toEqual([{ type: 'pong' }]);
});

test('knows which layer of either model a row is', async () => {
  expect(comparison.layerOf(0, 'a')).toBeNull();
  await comparison.start();
  expect([comparison.layerOf(0, 'a'), comparison.layerOf(0, 'b'), comparison.layerOf(1, 'b'), comparison.layerOf(7, 'a')])
    .toEqual([0, 5, null, null]);
});

test('compares anew with another tolerance, and with the models swapped', async () => {
  await comparison.start();
  await comparison.setTolerance(0);
  await comparison.setTolerance(0.25);
  await comparison.swap();
  expect(asked).toMatchObject([
    { a: '/a.onnx', tolerance: 0 }, { a: '/a.onnx', tolerance: 0.25 }, { a: '/b.onnx', b: '/a.onnx', tolerance: 0.25 },
  ]);
});

test('stops the comparison that a newer one replaces, and says nothing of it', async () => {
  let open = (): void => {};
  gate = new Promise((resolve) => (open = resolve));
  const first = comparison.start();
  await expect.poll(() => asked.length).toBe(1);
  const second = comparison.setTolerance(1);
  open();
  await Promise.all([first, second]);
  expect(asked[0]!.signal!.aborted).toBe(true);
  expect(take().filter(({ type }) => type === 'comparison')).toHaveLength(1);
});

describe('a model that cannot be read', () => {
  test('is said in place of the comparison, with what to do', async () => {
    answers = [failure('lfs-pointer')];
    await comparison.start();
    expect(take()).toMatchObject([
      { type: 'models' }, { fraction: 0 }, { fraction: 0.5 },
      { type: 'problem', problem: { remedy: 'Run "git lfs pull" to fetch the model', detail: '/a.onnx' } }, { fraction: null },
    ]);
  });

  test('is waited for while it is being written, and shown as it was until then', async () => {
    await comparison.start();
    take();
    vi.useFakeTimers();
    answers = [failure('truncated'), failure('empty-file'), { ok: true, value: found }];
    const following = comparison.filesChanged();
    await vi.advanceTimersByTimeAsync(1100);
    await following;
    expect(take().filter(({ type }) => type === 'problem' || type === 'comparison').map(({ type }) => type)).toEqual(['comparison']);
    expect(asked).toHaveLength(4);
  });

  test('is a problem when it stays half-written', async () => {
    vi.useFakeTimers();
    answers = [failure('truncated')];
    const following = comparison.filesChanged();
    await vi.advanceTimersByTimeAsync(20_000);
    await following;
    expect(take().at(-2)).toMatchObject({ type: 'problem' });
    expect(asked).toHaveLength(21);
  });
});

describe('messages of the page', () => {
  test.each([
    { type: 'ready' }, { type: 'ping' }, { type: 'tolerance', tolerance: 1e-6 }, { type: 'open', side: 'a', row: 3 }, { type: 'open', side: 'b', row: null },
    { type: 'command', command: 'swap' }, { type: 'pageError', message: 'x' },
  ])('%j is understood', (message) => expect(parseComparePageMessage(message)).toEqual(message));

  test.each([
    null, 'ready', { type: 'tolerance', tolerance: -1 }, { type: 'tolerance', tolerance: Infinity }, { type: 'tolerance' },
    { type: 'open', side: 'c', row: 0 }, { type: 'open', side: 'a', row: 0.5 }, { type: 'command', command: 'deleteAll' },
  ])('%j is not', (message) => expect(parseComparePageMessage(message)).toBeNull());
});

describe('a copy', () => {
  const [original, copy, other] = ['/m/net.onnx', '/m/net.4bit.onnx', '/m/network.onnx'].map((path) => ({ path })) as [
    { path: string }, { path: string }, { path: string },
  ];

  test('is named after its original', () => {
    expect([isCopyOf(copy, original), isCopyOf(original, copy), isCopyOf(other, original), isCopyOf(original, original)])
      .toEqual([true, false, false, false]);
  });

  test('comes second, whichever was selected first', () => {
    expect(originalFirst(copy, original)).toEqual([original, copy]);
    expect(originalFirst(original, copy)).toEqual([original, copy]);
    expect(originalFirst(other, original)).toEqual([other, original]);
  });
});
