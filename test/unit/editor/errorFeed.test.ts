import { describe, expect, test } from 'vitest';
import { keepFloat, setBits, setSettings } from '../../../src/core/plan/edits';
import { METHODS } from '../../../src/core/plan/layerSettings';
import { CalibrationFeed } from '../../../src/editor/calibrationFeed';
import { ErrorFeed } from '../../../src/editor/errorFeed';
import { PlanDocument } from '../../../src/editor/planDocument';
import { PlanFeed } from '../../../src/editor/planFeed';
import { FakeCore, FakePage, LAYER_INPUTS, layerOf, summaryOf } from './fakeCore';

const layers = [layerOf(0), layerOf(1), layerOf(2), layerOf(3), layerOf(4, { quantizable: { reason: 'already-quantized' } })];
const LOCATION = { path: '/m.onnx' };

async function openFeed(core = new FakeCore(layers)) {
  const document = await PlanDocument.open('m.onnx', { read: async () => null, write: async () => {} });
  const summary = summaryOf(layers);
  const calibration = new CalibrationFeed(core, LOCATION, layers, { onState: () => {}, onInputs: () => feed.update(), onProblem: () => {} });
  const planFeed: PlanFeed = new PlanFeed(core, LOCATION, summary, () => 'exact', calibration, {
    onRows: () => {}, onPreview: () => feed.update(), onProblem: () => {},
  });
  const feed: ErrorFeed = new ErrorFeed(core, LOCATION, summary, document, planFeed, calibration);
  document.onDidChange(() => {
    planFeed.setPlan(document);
    feed.update();
  });
  const page = new FakePage();
  feed.addPage(page);
  const calls = (): string[] => core.calls.filter((call) => /^(try|support|errors)/.test(call));
  return { core, document, calibration, feed, page, calls };
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

describe('the curves of the methods', () => {
  test('come approximately first, then exactly, what is planned before all others', async () => {
    const { document, feed, page, calls } = await openFeed();
    document.edit(setSettings(document.plan, ['w1'], { method: 'lloyd-max', bits: 4 }));
    await settle();
    Object.assign(page, { current: 1, inspected: { tab: 'error', perTensor: false } });
    feed.update();
    await settle();
    const tried = calls().filter((call) => call.startsWith('try'));
    expect(tried[0]).toBe('try 1 lloyd-max channel 2,3,4,5,6,7,8 approximate');
    expect(tried.slice(0, METHODS.length).every((call) => call.endsWith('approximate'))).toBe(true);
    expect(tried[METHODS.length]).toBe('try 1 lloyd-max channel 4 exact');
    expect(tried[METHODS.length + 1]).toBe('try 1 lloyd-max channel 2,3,5,6,7,8 exact');
    expect(tried).toHaveLength(2 * METHODS.length + 1);
    const answers = page.take('methodCurves');
    expect(answers[0]?.curves.points.map(({ bits, sqnrDb, sampled }) => [bits, sqnrDb, sampled]))
      .toEqual([2, 3, 4, 5, 6, 7, 8].map((bits) => [bits, 10 * bits, 3]));
    const { points } = answers.at(-1)!.curves;
    expect(points).toHaveLength(7 * 5 + 3 + 4 + 6);
    expect(points.every(({ sampled }) => sampled === null)).toBe(true);
    expect(points.find(({ method, bits }) => method === 'pwlq' && bits === 8)?.sqnrDb).toBe(79);
  });

  test('are per tensor where the method or the page says so', async () => {
    const { feed, page, calls } = await openFeed();
    Object.assign(page, { current: 0, inspected: { tab: 'error', perTensor: false } });
    feed.update();
    await settle();
    expect(calls()).toContain('try 0 subset tensor 2,3,4 exact');
    expect(calls()).toContain('try 0 apot channel 2,3,4,5 exact');
    page.inspected = { tab: 'error', perTensor: true };
    feed.update();
    await settle();
    expect(calls()).toContain('try 0 apot tensor 2,3,4,5 exact');
  });

  test('are computed once, and anew only when settings change that matter to them', async () => {
    const { document, feed, page, calls } = await openFeed();
    Object.assign(page, { current: 0, inspected: { tab: 'error', perTensor: false } });
    feed.update();
    await settle();
    const once = calls().length;
    for (const current of [1, 0]) {
      page.current = current;
      feed.update();
      await settle();
    }
    expect(calls().length).toBe(2 * once);
    expect(page.take('methodCurves').at(-1)?.curves.index).toBe(0);
    document.edit(setBits(document.plan, ['w0'], 4));
    await settle();
    expect(calls().slice(2 * once)).toEqual(['errors 0 uniform at 4']);
    document.edit(setSettings(document.plan, ['w0'], { normalize: 'layer' }));
    await settle();
    expect(calls().slice(2 * once + 1).filter((call) => call.startsWith('try'))).toHaveLength(2 * METHODS.length + 1);
  });

  test('are final at once where all weights are tried at once', async () => {
    const core = new FakeCore(layers);
    core.isExactAtOnce = true;
    const { feed, page, calls } = await openFeed(core);
    Object.assign(page, { current: 0, inspected: { tab: 'error', perTensor: false } });
    feed.update();
    await settle();
    expect(calls()).toHaveLength(METHODS.length);
    expect(page.take('methodCurves').at(-1)?.curves.points.every(({ sampled }) => sampled === null)).toBe(true);
  });

  test('are not computed for a layer that cannot be quantized, nor for a page that shows something else', async () => {
    const { feed, page, calls } = await openFeed();
    Object.assign(page, { current: 4, inspected: { tab: 'error', perTensor: false } });
    feed.update();
    Object.assign(page, { current: 0, inspected: { tab: 'distribution', perTensor: false } });
    feed.update();
    await settle();
    expect(calls().every((call) => call.startsWith('support 0'))).toBe(true);
  });

  test('say what stands in their way, once', async () => {
    const { feed, page, calls } = await openFeed();
    Object.assign(page, { current: 3, inspected: { tab: 'error', perTensor: false } });
    feed.update();
    await settle();
    feed.update();
    await settle();
    expect(calls()).toHaveLength(1);
    expect(page.take('curveProblem')).toMatchObject([
      { index: 3, of: 'methodCurves', problem: { title: 'A file with external data is missing' } },
    ]);
  });
});

describe('with what a layer is multiplied by', () => {
  const { matrix } = LAYER_INPUTS;
  const large = { ...LAYER_INPUTS, matrix: { ...matrix, rows: 512, columns: 4608 } };
  test.each([
    ['are measured over all weights, rounded to nearest', LAYER_INPUTS, false, 45],
    ['are measured of a layer whose weights are exact at once', LAYER_INPUTS, true, 45],
    ['are not measured where that would take long', large, false, undefined],
  ])('outputs of every method %s', async (_, inputs, isExactAtOnce, outputSqnrDb) => {
    const { core, document, calibration, feed, page } = await openFeed();
    core.isExactAtOnce = isExactAtOnce;
    document.edit(setSettings(document.plan, ['w1'], { method: 'lloyd-max', bits: 4, rounding: 'gptq' }));
    calibration.setData({ inputs: '/x.npy' });
    core.captures[0]!.settle({ ok: true, value: { inputs: new Map([[1, inputs]]), missing: new Map(), scaled: false } });
    Object.assign(page, { current: 1, inspected: { tab: 'error', perTensor: false } });
    feed.update();
    await settle();
    const { points } = page.take('methodCurves').at(-1)!.curves;
    expect(points.find(({ method, bits }) => method === 'lloyd-max' && bits === 4)).toMatchObject({ sqnrDb: 39, sampled: null });
    expect(points.find(({ method, bits }) => method === 'lloyd-max' && bits === 4)?.outputSqnrDb).toBe(outputSqnrDb);
  });
});

describe('work for a layer', () => {
  test('stops when another one is looked at, and goes on where it stood when it is back', async () => {
    const core = new FakeCore(layers);
    const { tryLayer } = core;
    const stopped: string[] = [];
    let held: (() => void) | null = null;
    core.tryLayer = async (model, layer, settings, detail, inputs, options) => {
      const outcome = await tryLayer(model, layer, settings, detail, inputs);
      if (layer === 0 && settings[0]?.method === 'apot') await new Promise<void>((resolve) => { held = resolve; });
      if (options?.signal?.aborted) stopped.push(`${layer} ${settings[0]?.method}`);
      return outcome;
    };
    const { feed, page, calls } = await openFeed(core);
    Object.assign(page, { current: 0, inspected: { tab: 'error', perTensor: false } });
    feed.update();
    await settle();
    page.current = 1;
    feed.update();
    await settle();
    held!();
    await settle();
    expect(stopped).toEqual(['0 apot']);
    page.take('methodCurves');
    page.current = 0;
    feed.update();
    expect(page.take('methodCurves')).toMatchObject([{ curves: { index: 0 } }]);
    await settle();
    expect(calls().filter((call) => call === 'try 0 uniform channel 2,3,4,5,6,7,8 approximate')).toHaveLength(1);
    expect(calls().filter((call) => call === 'try 0 apot channel 2,3,4,5 approximate')).toHaveLength(2);
  });

  test('runs one call at a time', async () => {
    const core = new FakeCore(layers);
    const { tryLayer } = core;
    let [running, most] = [0, 0];
    core.tryLayer = async (...call) => {
      most = Math.max(most, ++running);
      const outcome = await tryLayer(...call);
      running--;
      return outcome;
    };
    const { feed, page } = await openFeed(core);
    const other = new FakePage();
    feed.addPage(other);
    Object.assign(page, { current: 0, inspected: { tab: 'error', perTensor: false } });
    Object.assign(other, { current: 1, inspected: { tab: 'error', perTensor: true } });
    feed.update();
    await settle();
    expect(most).toBe(1);
    expect(page.take('methodCurves').at(-1)?.curves.index).toBe(0);
    expect(other.take('methodCurves').at(-1)?.curves.index).toBe(1);
  });

  test('ends with the page', async () => {
    const { feed, page, calls } = await openFeed();
    Object.assign(page, { current: 0, inspected: { tab: 'error', perTensor: false } });
    feed.update();
    feed.removePage(page);
    await settle();
    expect(calls()).toHaveLength(1);
    expect(page.messages).toEqual([]);
  });
});

describe('the support curve', () => {
  test('comes approximately, then exactly, of the planned width, and does not depend on the planned limit', async () => {
    const { document, feed, page, calls } = await openFeed();
    document.edit(setBits(document.plan, ['w0'], 4));
    page.current = 0;
    feed.update();
    await settle();
    expect(calls()).toEqual(['support 0 at 4 approximate', 'support 0 at 4 exact']);
    const [first, last] = page.take('supportCurve').map(({ curve }) => curve);
    expect(first).toMatchObject({ index: 0, bits: 4, grid: 'symmetric', sampled: 3, std: 0.5 });
    expect(first?.points[0]).toEqual({ limit: 0.5, sqnrDb: 19.5, theorySqnrDb: null });
    expect(first?.points.at(-1)?.limit).toBe(12);
    expect(last?.sampled).toBeNull();
    document.edit(setSettings(document.plan, ['w0'], { support: 3.25 }));
    await settle();
    expect(calls()).toHaveLength(2);
    document.edit(keepFloat(document.plan, ['w0']));
    await settle();
    expect(calls().slice(2)).toEqual(['support 0 at 8 approximate', 'support 0 at 8 exact']);
  });
});

describe('the channels of a layer', () => {
  test('have ranges in float, and errors as soon as settings are known to work', async () => {
    const { document, feed, page, core } = await openFeed();
    Object.assign(page, { current: 0, inspected: { tab: 'channels', perTensor: false } });
    feed.update();
    await settle();
    expect(page.take('channelRanges')).toMatchObject([{ ranges: { index: 0, min: [-1, -8], max: [1, 8], std: [0.5, 2] } }]);
    expect(page.take('channelErrors')).toEqual([]);
    document.edit(setBits(document.plan, ['w0'], 4));
    await settle();
    expect(page.take('channelErrors')).toMatchObject([{ errors: { index: 0, sqnrDb: [], lossless: [], shares: [] } }]);
    expect(core.calls.filter((call) => call.startsWith('ranges'))).toEqual(['ranges 0']);
  });

  test('have their part of the error, none where there is none', async () => {
    const { document, feed, page, core } = await openFeed();
    let mse = [0.75, 0.25];
    core.layerErrors = async () => ({ ok: true, value: {
      histogram: { min: 0, max: 0, counts: [2] },
      channels: mse.map((each, channel) => ({ channel, min: -1, max: 1, mse: each, sqnrDb: each === 0 ? Infinity : 10 })),
    } });
    Object.assign(page, { current: 0, inspected: { tab: 'channels', perTensor: false } });
    document.edit(setBits(document.plan, ['w0'], 4));
    feed.update();
    await settle();
    expect(page.take('channelErrors')).toMatchObject([{ errors: { sqnrDb: [10, 10], lossless: [false, false], shares: [0.75, 0.25] } }]);
    mse = [0, 0];
    document.edit(setBits(document.plan, ['w0'], 8));
    await settle();
    expect(page.take('channelErrors')).toMatchObject([{ errors: { sqnrDb: [null, null], lossless: [true, true], shares: [0, 0] } }]);
  });

  test('come again when a page went back to settings it was told of before', async () => {
    const { document, feed, page } = await openFeed();
    Object.assign(page, { current: 0, inspected: { tab: 'channels', perTensor: false } });
    for (const bits of [4, 'float', 4] as const) {
      document.edit(bits === 'float' ? keepFloat(document.plan, ['w0']) : setBits(document.plan, ['w0'], bits));
      feed.update();
      await settle();
    }
    expect(page.take('channelErrors')).toHaveLength(2);
  });
});

describe('the nodes of a layer', () => {
  test('are told of any layer, quantizable or not, with where its weight is stored', async () => {
    const { feed, page, calls } = await openFeed();
    Object.assign(page, { current: 4, inspected: { tab: 'node', perTensor: false } });
    feed.update();
    await settle();
    expect(page.take('layerNodes')).toMatchObject([
      { nodes: { index: 4, storage: { file: 'm.onnx', form: 'raw', length: 24 }, consumers: 1, nodes: [{ op: 'Conv', name: 'conv4' }] } },
    ]);
    expect(calls()).toEqual([]);
  });
});

describe('the errors of a layer', () => {
  test('are those of what is planned, and of nothing else', async () => {
    const { document, feed, page, calls } = await openFeed();
    document.edit(setBits(document.plan, ['w0'], 4));
    await settle();
    Object.assign(page, { current: 0, inspected: { tab: 'error', perTensor: false } });
    feed.update();
    await settle();
    expect(page.take('layerErrors')).toMatchObject([{ errors: { index: 0, histogram: { min: -0.1, max: 0.1 } } }]);
    document.edit(keepFloat(document.plan, ['w0']));
    await settle();
    document.edit(setSettings(document.plan, ['w0'], { method: 'sptq', bits: 3 }));
    await settle();
    expect(calls().filter((call) => call.startsWith('errors'))).toEqual(['errors 0 uniform at 4', 'errors 0 sptq at 3']);
  });
});
