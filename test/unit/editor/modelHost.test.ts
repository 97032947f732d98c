import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CopyFormat } from '../../../src/core/encodings/copyFormat';
import type { ProblemCode } from '../../../src/core/errors';
import { keepFloat, setAll, setBits } from '../../../src/core/plan/edits';
import { completeSettings } from '../../../src/core/plan/layerSettings';
import type { Outcome } from '../../../src/protocol/coreService';
import { FakeCore, FakePage, layerOf } from './fakeCore';
import { ended, openHost } from './fakeHost';

const layers = [layerOf(0), layerOf(1), layerOf(2), layerOf(3), layerOf(4, { quantizable: { reason: 'already-quantized' } })];

/** All that is under way, and the batch of rows that follows it. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(100);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a page', () => {
  test('gets the model when it is ready, and says why a layer cannot be quantized', async () => {
    const { host, page } = await openHost(new FakeCore(layers));
    host.pageReady(page);
    const [model] = page.take('model');
    expect(model?.header).toEqual({
      fileName: 'm.onnx', producer: 'pytorch 2.5', opset: '17, com.microsoft 1', layerCount: 5, parameters: 30, bytes: 1000,
      missingFiles: ['lost.bin'], canLocate: true, canQuantize: true,
    });
    expect(model?.layers.map(({ reason }) => reason)).toEqual([null, null, null, null, 'its weights are quantized already']);
    expect(model?.plan.map(({ state }) => state)).toEqual(['float', 'float', 'float', 'float', 'cannot']);
  });

  test('gets statistics of the rows it shows, the inspected one first, once each; numbers without a value are null', async () => {
    const core = new FakeCore(layers);
    const { host, page } = await openHost(core);
    host.pageReady(page);
    Object.assign(page, { visible: [0, 1, 2], current: 2 });
    host.pageLooks(page);
    host.pageLooks(page);
    await settle();
    expect(core.calls.filter((call) => call.startsWith('statistics'))).toEqual(['statistics 2', 'statistics 0', 'statistics 1']);
    const statistics = page.take('statistics').map((message) => message.statistics);
    expect(statistics.map(({ index }) => index)).toEqual([2, 0, 1]);
    expect(statistics[0]).toMatchObject({
      kurtosis: null, laplace: null, gauss: { location: 0.5, scale: 2, ks: 0.1, logLikelihood: -3 },
    });
    expect(statistics[0]?.histogram.counts).toHaveLength(32);
  });

  test('that starts again gets everything again, without a second computation', async () => {
    const core = new FakeCore(layers);
    const { host, page } = await openHost(core);
    page.visible = [0];
    host.pageReady(page);
    await settle();
    page.messages = [];
    host.pageReady(page);
    await settle();
    expect(page.take('model')).toHaveLength(1);
    expect(page.take('statistics')).toHaveLength(1);
    expect(core.calls.filter((call) => call === 'statistics 0')).toHaveLength(1);
  });

  test('is never told of statistics of weights that are not floating point', async () => {
    const quantized = layerOf(1, { dtype: 'int8', quantizable: { reason: 'already-quantized' } });
    const core = new FakeCore([layerOf(0, { dtype: 'float16' }), quantized]);
    const { host, page } = await openHost(core);
    Object.assign(page, { visible: [0, 1], current: 1 });
    host.pageReady(page);
    await settle();
    expect(core.calls.filter((call) => call.startsWith('statistics'))).toEqual(['statistics 0']);
    expect(page.take('layerProblem')).toEqual([]);
  });

  test('is told about weights that cannot be read, beside the others', async () => {
    const { host, page } = await openHost(new FakeCore(layers));
    page.visible = [3, 0];
    host.pageReady(page);
    await settle();
    expect(page.take('layerProblem')).toMatchObject([{ index: 3, problem: { title: 'A file with external data is missing' } }]);
    expect(page.take('statistics')).toHaveLength(1);
  });
});

describe('a change of the plan', () => {
  test('shows the layer as planned, then its error, size, totals and codebook on every page', async () => {
    const core = new FakeCore(layers);
    const { host, document, page } = await openHost(core);
    const other = new FakePage();
    page.current = 1;
    for (const each of [page, other]) host.pageReady(each);
    await settle();
    for (const each of [page, other]) each.messages = [];
    document.edit(setBits(document.plan, ['w1'], 4));
    await settle();
    for (const each of [page, other]) {
      const last = each.take('plan').at(-1);
      expect(last?.plan).toMatchObject([{ index: 1, state: 'previewed', bits: 4, sqnrDb: 39, bytesAfter: 4, note: null }]);
      expect(last?.budget).toEqual({
        bytesBefore: 1000, bytesAfter: 990, averageBits: 8, plannedLayers: 1, quantizedAlready: 0, worst: { index: 1, name: 'w1', sqnrDb: 39, by: 'weights' },
      });
    }
    expect(page.take('codebook').map(({ codebook }) => codebook?.levels)).toEqual([[-1, 1]]);
    expect(other.take('codebook')).toEqual([]);
  });

  test('computes only what it touches, and takes back what no longer holds', async () => {
    const core = new FakeCore(layers);
    const { host, document, page } = await openHost(core);
    page.current = 0;
    host.pageReady(page);
    document.edit(setAll(document.plan, [], { bits: 4 }));
    await settle();
    core.calls.length = 0;
    page.messages = [];
    document.edit(setBits(document.plan, ['w1'], 3));
    document.edit(keepFloat(document.plan, ['w0']));
    await settle();
    expect(core.calls.filter((call) => call.startsWith('preview'))).toEqual(['preview 1 at 3']);
    expect(page.take('codebook').map(({ codebook }) => codebook)).toEqual([null]);
    const rows = new Map(page.take('plan').flatMap(({ plan }) => plan).map((row) => [row.index, row]));
    expect(rows.get(0)).toMatchObject({ state: 'float', bits: null, sqnrDb: null, bytesAfter: null });
    expect(rows.get(1)).toMatchObject({ state: 'previewed', bits: 3, sqnrDb: 29 });
    expect([...rows.keys()]).not.toContain(3);
  });

  test('leaves a layer out of the totals that would not get smaller, and says so', async () => {
    const { host, document, page } = await openHost(new FakeCore(layers));
    host.pageReady(page);
    document.edit(setBits(document.plan, ['w1', 'w2'], 4));
    await settle();
    const last = page.take('plan').at(-1);
    expect(last?.budget).toMatchObject({ plannedLayers: 1, worst: { index: 1 } });
    expect(host.model?.planFeed.rows()[2]).toMatchObject({
      state: 'planned', bits: 4, sqnrDb: null, mse: null, bytesAfter: null, note: 'it would not get smaller',
    });
    expect(host.model?.planFeed.quantized.map(({ layer }) => layer)).toEqual([1]);
    document.edit(keepFloat(document.plan, ['w2']));
    expect(host.model?.planFeed.rows()[2]).toMatchObject({ state: 'float', note: null });
  });

  test('takes the codebook of such a layer back', async () => {
    const { host, document, page } = await openHost(new FakeCore(layers));
    page.current = 2;
    host.pageReady(page);
    document.edit(setBits(document.plan, ['w2'], 4));
    await settle();
    expect(page.take('codebook').at(-1)?.codebook).toBeNull();
  });

  test('leaves a layer out of the totals that its weights do not allow to quantize', async () => {
    const core = new FakeCore([layerOf(0), layerOf(1), layerOf(2), layerOf(3), layerOf(4), layerOf(5)]);
    const { host, document, page } = await openHost(core);
    host.pageReady(page);
    document.edit(setBits(document.plan, ['w1', 'w5'], 4));
    await settle();
    expect(page.take('plan').at(-1)?.budget).toMatchObject({ plannedLayers: 1, bytesAfter: 990 });
    expect(host.model?.planFeed.rows()[5]).toMatchObject({ state: 'planned', bits: 4, bytesAfter: null });
    expect(host.model?.planFeed.rows()[5]?.note).toMatch(/NaN/);
  });

  test('shows other sizes when copies get another format, without computing errors again', async () => {
    const core = new FakeCore(layers);
    let format: CopyFormat = 'exact';
    const { host, document, page } = await openHost(core, null, () => format);
    host.pageReady(page);
    document.edit(setBits(document.plan, ['w0'], 4));
    await settle();
    expect(page.take('plan').at(-1)!.plan[0]).toMatchObject({ index: 0, state: 'previewed', bytesAfter: 4 });
    core.calls.length = 0;
    format = 'qdq';
    host.model!.planFeed.copyFormatChanged();
    await settle();
    expect(page.take('plan').at(-1)!.plan[0]).toMatchObject({ index: 0, state: 'previewed', sqnrDb: 40, bytesAfter: 8 });
    expect(core.calls).toEqual(['size of 1']);
  });

  test('forgets what was tried on a layer in float when copies get another format', async () => {
    const core = new FakeCore(layers);
    const { host, page } = await openHost(core);
    host.pageReady(page);
    const planned = { layer: 0, settings: completeSettings({ bits: 4 }) };
    const tried = await core.previewLayer({ path: '/m.onnx' }, planned, 'exact', undefined, {});
    if (tried.ok) host.model!.planFeed.accept(tried.value);
    await settle();
    expect(host.model!.planFeed.previewOf(0)).not.toBeNull();
    host.model!.planFeed.copyFormatChanged();
    await settle();
    expect(page.take('plan').at(-1)!.plan[0]).toMatchObject({ index: 0, state: 'float', bytesAfter: null });
  });

  test('takes no preview any more once the model was read again', async () => {
    const core = new FakeCore(layers);
    const { host, page } = await openHost(core);
    host.pageReady(page);
    const { planFeed } = host.model!;
    const tried = await core.previewLayer({ path: '/m.onnx' }, { layer: 0, settings: completeSettings({ bits: 4 }) }, 'exact', undefined, {});
    await ended(host.reload());
    await settle();
    Object.assign(page, { messages: [], current: 0 });
    if (tried.ok) planFeed.accept(tried.value);
    await settle();
    expect(page.messages).toEqual([]);
  });

  test('takes back what was tried on a layer in float', async () => {
    const core = new FakeCore(layers);
    const { host, document, page } = await openHost(core);
    page.current = 0;
    host.pageReady(page);
    const planned = { layer: 0, settings: completeSettings({ bits: 4 }) };
    const tried = await core.previewLayer({ path: '/m.onnx' }, planned, 'exact', undefined, {});
    if (tried.ok) host.model?.planFeed.accept(tried.value);
    await settle();
    const [row] = page.take('plan').at(-1)!.plan;
    expect(row).toMatchObject({
      index: 0, state: 'previewed', bits: null, triedBits: 4, method: 'uniform', granularity: 'channel', sqnrDb: 40, bytesAfter: 4,
    });
    expect(host.model?.planFeed.budget()).toMatchObject({ plannedLayers: 0, worst: null });
    expect(page.take('codebook').at(-1)?.codebook?.levels).toEqual([-1, 1]);
    document.edit(setBits(document.plan, ['w1'], 4));
    await settle();
    expect(host.model?.planFeed.rows()[0]).toMatchObject({ state: 'float', sqnrDb: null, bytesAfter: null });
    expect(host.model?.planFeed.rows()[0]).not.toHaveProperty('triedBits');
    expect(page.take('codebook').at(-1)?.codebook).toBeNull();
  });

  test('superseded while it is computed leaves no trace', async () => {
    const core = new FakeCore(layers);
    const { host, document, page } = await openHost(core);
    host.pageReady(page);
    await settle();
    page.messages = [];
    for (const bits of [2, 3, 4, 5] as const) document.edit(setBits(document.plan, ['w0'], bits));
    await settle();
    const sqnrs = page.take('plan').flatMap(({ plan }) => plan).map(({ sqnrDb }) => sqnrDb);
    expect(sqnrs.filter((sqnrDb) => sqnrDb !== null)).toEqual([50]);
  });

  test('of ten thousand layers arrives in pieces', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => layerOf(index));
    const { host, document, page } = await openHost(new FakeCore(many));
    host.pageReady(page);
    await settle();
    page.messages = [];
    document.edit(setAll(document.plan, [], { bits: 4 }));
    await settle();
    const sizes = page.take('plan').map(({ plan }) => plan.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(500);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThanOrEqual(10_000);
  });
});

describe('a plan file with an entry that cannot be used', () => {
  const plan = '{"version":1,"model":"m.onnx","defaults":{"bits":6},"layers":{"w0":{"bits":13}}}';

  test('leaves its layer float and says why, until something else is said of it', async () => {
    const { host, document, page } = await openHost(new FakeCore(layers), plan);
    host.pageReady(page);
    await settle();
    const row = () => host.model?.planFeed.rows()[0];
    expect(row()).toMatchObject({ state: 'float', bits: null, note: expect.stringMatching(/^the plan's entry cannot be used: "13"/) });
    expect(host.model?.planFeed.rows()[1]).toMatchObject({ bits: 6, note: null });
    expect(host.model?.planFeed.planned.map(({ layer }) => layer)).not.toContain(0);
    document.edit(setBits(document.plan, ['w0'], 3));
    await settle();
    expect(row()).toMatchObject({ state: 'previewed', bits: 3, note: null });
    document.undo(setBits({ version: 1, model: 'm.onnx', layers: { w0: 'float' } }, ['w0'], 3));
    expect(row()?.note).toMatch(/cannot be used/);
    await document.save();
    await settle();
    expect(row()).toMatchObject({ state: 'float', note: null });
    expect(page.take('plan').at(-1)?.plan).toMatchObject([{ index: 0, note: null }]);
  });
});

describe('a file on disk', () => {
  test('that cannot be opened is a problem with a remedy, on pages that come later too', async () => {
    const core = new FakeCore(layers);
    core.fail('lfs-pointer');
    const { host, page } = await openHost(core);
    host.pageReady(page);
    expect(page.take('problem')).toMatchObject([{ problem: { remedy: 'Run "git lfs pull" to fetch the model' } }]);
    core.model = new FakeCore(layers).model;
    await ended(host.open());
    expect(page.take('problem')).toEqual([{ type: 'problem', problem: null }]);
    expect(page.take('model')).toHaveLength(1);
  });

  test('that changed is read again, keeping the plan', async () => {
    const core = new FakeCore(layers);
    const { host, document, page } = await openHost(core);
    host.pageReady(page);
    document.edit(setBits(document.plan, ['w1'], 4));
    await settle();
    page.messages = [];
    core.model = new FakeCore([layerOf(0, { name: 'new' }), layerOf(1)]).model;
    await ended(host.reload());
    await settle();
    expect(page.take('model').at(-1)?.layers.map(({ name }) => name)).toEqual(['new', 'w1']);
    expect(host.model?.planFeed.rows()[1]).toMatchObject({ state: 'previewed', bits: 4 });
  });

  test('is left as it is shown when its files are those that were read', async () => {
    const core = new FakeCore(layers);
    const readAs = (version: string): void => {
      if (core.model.ok) core.model = { ok: true, value: { ...core.model.value, version } };
    };
    readAs('1');
    const { host, page } = await openHost(core);
    page.visible = [0];
    host.pageReady(page);
    await settle();
    const { model } = host;
    page.messages = [];
    await ended(host.reload());
    await settle();
    expect([host.model, page.messages]).toEqual([model, []]);
    readAs('2');
    await ended(host.reload());
    expect(host.model).not.toBe(model);
    const second = host.model;
    await ended(host.open());
    expect(host.model).not.toBe(second);
  });

  test('is read again where weights could not be, though its files look the same', async () => {
    const core = new FakeCore(layers);
    if (core.model.ok) core.model = { ok: true, value: { ...core.model.value, version: '1' } };
    const problem = (code: ProblemCode): Outcome<never> => ({ ok: false, problem: { code, place: {}, detail: {} } });
    const { layerStatistics } = core;
    core.layerStatistics = () => Promise.resolve(problem('external-missing'));
    const { host, page } = await openHost(core);
    page.visible = [0];
    host.pageReady(page);
    await settle();
    const { model } = host;
    await ended(host.reload());
    expect(host.model).toBe(model);
    core.layerStatistics = () => Promise.resolve(problem('file-unreadable'));
    await ended(host.open());
    await settle();
    core.layerStatistics = layerStatistics;
    page.messages = [];
    await ended(host.reload());
    await settle();
    expect(page.take('statistics')).toHaveLength(1);
  });

  test('is ready when the last reading is done, not one that another took the place of', async () => {
    const core = new FakeCore(layers);
    const { host } = await openHost(core);
    const before = host.model;
    const answers: (() => void)[] = [];
    core.openModel = () => new Promise((resolve) => {
      answers.push(() => resolve(core.model));
    });
    void host.reload();
    const { ready } = host;
    let isReady = false;
    void ready.then(() => {
      isReady = true;
    });
    void host.reload();
    await settle();
    answers[0]!();
    await settle();
    expect(isReady).toBe(false);
    answers[1]!();
    await ended(ready);
    expect(host.model).not.toBe(before);
  });

  test('that is half-written is waited for, while the old model stays; a broken one is shown in the end', async () => {
    const core = new FakeCore(layers);
    const { host, page } = await openHost(core);
    host.pageReady(page);
    const good = core.model;
    core.fail('truncated');
    const reload = host.reload();
    await vi.advanceTimersByTimeAsync(1200);
    expect(page.take('problem')).toEqual([]);
    expect(page.take('waiting')).toEqual([
      { type: 'waiting', problem: { title: 'The file ends before the model does', remedy: expect.any(String) as string, detail: '' } },
    ]);
    const later = new FakePage();
    host.pageReady(later);
    expect(later.take('waiting')).toHaveLength(1);
    expect(host.model).not.toBeNull();
    core.model = good;
    await vi.advanceTimersByTimeAsync(600);
    await reload;
    expect(page.take('problem')).toEqual([{ type: 'problem', problem: null }]);
    core.fail('file-not-found');
    const second = host.reload();
    await vi.advanceTimersByTimeAsync(15_000);
    await second;
    expect(page.take('waiting')).toMatchObject([{ problem: { title: 'There is no such file' } }]);
    expect(page.take('problem')).toMatchObject([{ problem: { title: 'There is no such file' } }]);
    expect(host.model).toBeNull();
    core.model = good;
    await ended(host.reload());
    expect(page.take('problem')).toEqual([{ type: 'problem', problem: null }]);
  });

  test('read anew supersedes the reading before it', async () => {
    const core = new FakeCore(layers);
    const { host, page } = await openHost(core);
    host.pageReady(page);
    page.messages = [];
    await Promise.all([host.open(), host.open(), host.open()].map(ended));
    expect(page.take('model')).toHaveLength(1);
    expect(core.opened).toBe(4);
  });
});

describe('weights that changed on disk', () => {
  const ksOf = (page: FakePage): (number | null)[] => (
    page.take('statistics').map(({ statistics }) => statistics.previous && statistics.previous.ks)
  );

  test('are told beside those before, as far as someone looked at them, with the distance between the two', async () => {
    const core = new FakeCore(layers);
    const { host, page } = await openHost(core);
    page.visible = [0, 1];
    host.pageReady(page);
    await settle();
    expect(ksOf(page)).toEqual([null, null]);

    core.weights = [-1, 0.25, 0.5, 1];
    page.visible = [0, 2];
    await ended(host.reload());
    await settle();
    const told = page.take('statistics').map(({ statistics }) => statistics);
    expect(told.map(({ index, previous }) => [index, previous?.ks ?? null])).toEqual([[0, 0.5], [2, null]]);
    expect(told[0]?.previous?.histogram.counts).toHaveLength(32);
  });

  test('are compared with the last version whose weights were read', async () => {
    const core = new FakeCore(layers);
    const { host, page } = await openHost(core);
    page.visible = [0];
    host.pageReady(page);
    await settle();
    const { layerStatistics } = core;
    core.layerStatistics = () => new Promise(() => {});
    await ended(host.reload());
    await settle();
    page.messages = [];
    Object.assign(core, { layerStatistics, weights: [-1, -0.5, 0, 2] });
    await ended(host.reload());
    await settle();
    expect(ksOf(page)).toEqual([0.25]);
  });

  test('are matched by name, and only as long as the model has the layer', async () => {
    const core = new FakeCore([layerOf(0), layerOf(1)]);
    const { host, page } = await openHost(core);
    page.visible = [0, 1];
    host.pageReady(page);
    await settle();
    page.messages = [];
    core.weights = [1, 2, 3, 4];
    core.model = new FakeCore([layerOf(0, { name: 'new' }), layerOf(1, { name: 'w0' })]).model;
    await ended(host.reload());
    await settle();
    expect(ksOf(page)).toEqual([null, 0.75]);
    core.model = new FakeCore([layerOf(0), layerOf(1)]).model;
    await ended(host.reload());
    await settle();
    expect(ksOf(page)).toEqual([0, null]);
  });

  test('are ranked by how far they moved, those off screen too, until that was seen', async () => {
    const core = new FakeCore(layers);
    const { host, page } = await openHost(core);
    page.visible = [0, 1, 2];
    host.pageReady(page);
    await settle();
    expect(page.take('drift')).toEqual([]);
    page.messages = [];
    core.weights = [-1, 0.25, 0.5, 1];
    page.visible = [0];
    await ended(host.reload());
    await settle();
    const moved = () => page.take('drift').flatMap(({ layers: told }) => told).sort((a, b) => a.index - b.index);
    expect(moved()).toEqual([{ index: 0, ks: 0.5 }, { index: 1, ks: 0.5 }, { index: 2, ks: 0.5 }]);
    expect(page.take('statistics').map(({ statistics }) => statistics.index)).not.toContain(2);

    page.messages = [];
    host.pageClosed(page);
    host.pageReady(page);
    expect(moved()).toHaveLength(3);
    page.messages = [];
    host.model?.statistics.dismissDrift();
    host.pageClosed(page);
    host.pageReady(page);
    await settle();
    expect(moved()).toEqual([]);
  });
});
