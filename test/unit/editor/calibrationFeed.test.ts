import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { setBits, setCalibration, setRounding, setSettings } from '../../../src/core/plan/edits';
import type { CapturedInputs, Outcome } from '../../../src/protocol/coreService';
import { uncalibratedText } from '../../../src/protocol/problemText';
import type { CallOptions } from '../../../src/workers/pooledJob';
import { FakeCore, FakePage, LAYER_INPUTS, layerOf } from './fakeCore';
import { ended, openHost } from './fakeHost';

const layers = [layerOf(0), layerOf(1), layerOf(2, { quantizable: { reason: 'already-quantized' } })];
const captured: Outcome<CapturedInputs> = {
  ok: true, value: { inputs: new Map([[0, LAYER_INPUTS]]), missing: new Map([[1, 'beyond-memory']]), scaled: true },
};
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(100);

/** A model whose first two layers have 4 bits, with calibration data in the plan. */
async function calibrating() {
  const core = new FakeCore(layers);
  const opened = await openHost(core);
  const { host, document, page } = opened;
  host.pageReady(page);
  document.edit(setBits(document.plan, ['w0', 'w1'], 4));
  document.edit(setCalibration(document.plan, { inputs: 'data/x.npy' }));
  await settle();
  const outputs = () => host.model!.planFeed.rows().map(({ output }) => output);
  const states = () => page.take('calibration').map(({ calibration }) => calibration);
  return { ...opened, core, outputs, states };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('calibration data in the plan', () => {
  test('has the network run on it, for all layers that can be quantized, with progress in every page', async () => {
    const { core, host, states, outputs } = await calibrating();
    expect(core.calls.filter((call) => call.startsWith('capture'))).toEqual(['capture /data/x.npy']);
    expect(core.captures[0]!.layers).toEqual([0, 1]);
    expect(outputs()).toEqual([{ state: 'pending' }, { state: 'pending' }, undefined]);
    core.captures[0]!.options.onProgress?.(0.5);
    expect(states()).toEqual([
      { file: 'x.npy', progress: { state: 'running', fraction: 0 } }, { file: 'x.npy', progress: { state: 'running', fraction: 0.5 } },
    ]);
    const later = new FakePage();
    host.pageReady(later);
    expect(later.take('calibration')).toMatchObject([{ calibration: { progress: { state: 'running', fraction: 0.5 } } }]);
  });

  test('gives previewed layers the error of their outputs, and says why others have none', async () => {
    const { core, page, outputs, states } = await calibrating();
    page.messages = [];
    core.captures[0]!.settle(captured);
    await settle();
    expect(states()).toEqual([{ file: 'x.npy', progress: { state: 'done', reading: 'divided by 255', captured: 1, layers: 2 } }]);
    expect(outputs()).toMatchObject([
      { state: 'measured', sqnrDb: 45 }, { state: 'unknown', reason: expect.stringContaining('256 MB') as unknown }, undefined,
    ]);
    expect(page.take('plan').flatMap(({ plan }) => plan)).toContainEqual(expect.objectContaining({
      index: 0, sqnrDb: 40, output: { state: 'measured', sqnrDb: 45 },
    }));
  });

  test('tells no error of outputs that are all 0 in float and not so in the copy', async () => {
    const { core, outputs } = await calibrating();
    const previewLayer = core.previewLayer;
    core.previewLayer = async (...args) => {
      const outcome = await previewLayer(...args);
      return outcome.ok && args[3] ? { ok: true, value: { ...outcome.value, outputSqnrDb: -Infinity } } : outcome;
    };
    core.captures[0]!.settle(captured);
    await settle();
    expect(outputs()[0]).toEqual({ state: 'unknown', reason: 'all of its outputs in float are 0' });
  });

  test('says of layers that a copy cannot calibrate that it rounds them to nearest, and why', async () => {
    const { core, document, host } = await calibrating();
    const rounded = () => host.model!.planFeed.rows().slice(0, 2).map(({ rounding, uncalibrated }) => ({ rounding, uncalibrated }));
    document.edit(setRounding(document.plan, ['w0', 'w1'], 'gptq'));
    await settle();
    expect(rounded()).toEqual([{ rounding: 'gptq' }, { rounding: 'gptq' }]);
    core.captures[0]!.settle({
      ok: true, value: { inputs: new Map(), missing: new Map([[0, 'in-blocks'], [1, 'operator-not-calibrated']]), scaled: false },
    });
    await settle();
    const reason = uncalibratedText('operator-not-calibrated');
    expect(rounded()).toEqual([{ rounding: 'gptq' }, { uncalibrated: { rounding: 'gptq', reason } }]);
    document.edit(setSettings(document.plan, ['w0'], { method: 'n2uq', mode: 'calibrated', rounding: 'nearest' }));
    expect(rounded()[0]).toMatchObject({ uncalibrated: { rounding: 'calibrated', reason: 'its inputs are too many for their second moments' } });
  });

  test('measures anew what the plan changes, rounded as planned, by how few positions, and keeps what was captured', async () => {
    const { core, document, outputs } = await calibrating();
    core.captures[0]!.settle(captured);
    await settle();
    core.calls.length = 0;
    document.edit(setRounding(document.plan, ['w0'], 'gptq'));
    await settle();
    expect(core.calls.filter((call) => !call.startsWith('size'))).toEqual(['preview 0 at 4', 'outputs 0 at 4']);
    document.edit(setBits(document.plan, ['w0'], 3));
    await settle();
    expect(outputs()[0]).toEqual({ state: 'measured', sqnrDb: 35, fewPositions: { positions: 1, inputs: 3 } });
    expect(core.captures).toHaveLength(1);
  });

  test('says how far rounding by outputs is, and stops it when the layer is rounded otherwise', async () => {
    const { core, document, page, outputs } = await calibrating();
    core.captures[0]!.settle(captured);
    await settle();
    const { previewLayer } = core;
    const rounding: CallOptions[] = [];
    core.previewLayer = (model, planned, format, inputs, options = {}) => {
      if (!inputs || planned.settings.rounding === 'nearest') return previewLayer(model, planned, format, inputs);
      rounding.push(options);
      return new Promise(() => {});
    };
    document.edit(setRounding(document.plan, ['w0'], 'gptq'));
    await settle();
    expect(outputs()[0]).toEqual({ state: 'pending' });
    page.messages = [];
    for (let percent = 1; percent <= 42; percent++) rounding[0]!.onProgress?.(percent / 100);
    await settle();
    expect(outputs()[0]).toMatchObject({ state: 'pending', fraction: expect.closeTo(0.4, 1) as number });
    expect(page.take('plan').flatMap(({ plan }) => plan).at(-1)).toMatchObject({ index: 0, rounding: 'gptq', output: outputs()[0] });
    document.edit(setRounding(document.plan, ['w0'], 'nearest'));
    expect(rounding[0]!.signal!.aborted).toBe(true);
    await settle();
    expect(outputs()[0]).toEqual({ state: 'measured', sqnrDb: 45 });
    expect(rounding).toHaveLength(1);
  });

  test.each<[string, (opened: Awaited<ReturnType<typeof calibrating>>) => Promise<void> | void]>([
    ['other data', ({ document }) => document.edit(setCalibration(document.plan, { inputs: 'y.npy' }))],
    ['other contents of the file', ({ host }) => host.model!.calibration.restart()],
    ['another model', ({ host }) => ended(host.reload())],
  ])('starts anew for %s', async (_, change) => {
    const opened = await calibrating();
    opened.core.captures[0]!.settle(captured);
    await settle();
    const { calibration } = opened.host.model!;
    const { contents } = calibration;
    await change(opened);
    await settle();
    expect(opened.core.captures).toHaveLength(2);
    const now = opened.host.model!.calibration;
    expect(now !== calibration || now.contents > contents).toBe(true);
    expect(opened.states().at(-1)!.progress.state).toBe('running');
    expect(opened.outputs()[0]).toEqual({ state: 'pending' });
  });

  test('that is replaced while the network runs stops that run', async () => {
    const { core, host, document } = await calibrating();
    document.edit(setCalibration(document.plan, { inputs: 'y.npy' }));
    const [first, second] = core.captures;
    expect(first!.options.signal!.aborted).toBe(true);
    first!.settle(captured);
    await settle();
    expect(host.model!.calibration.inputsOf(0)).toBeUndefined();
    second!.settle(captured);
    await settle();
    expect(host.model!.calibration.inputsOf(0)).toBe(LAYER_INPUTS);
  });

  test('is cancelled and tried again', async () => {
    const { core, host, states, outputs } = await calibrating();
    host.model!.calibration.cancel();
    await settle();
    expect(core.captures[0]!.options.signal!.aborted).toBe(true);
    expect(states().at(-1)!.progress).toEqual({ state: 'cancelled' });
    expect(outputs()[0]).toEqual({ state: 'unknown', reason: 'calibration was cancelled' });
    host.model!.calibration.restart();
    core.captures[1]!.settle(captured);
    await settle();
    expect(outputs()[0]).toMatchObject({ state: 'measured' });
  });

  test('that cannot be used is said with what to do, and nothing else is lost', async () => {
    const { core, host, states, outputs } = await calibrating();
    core.captures[0]!.settle({ ok: false, problem: { code: 'file-not-found', place: { file: '/data/x.npy' }, detail: {} } });
    await settle();
    expect(states().at(-1)!.progress).toEqual({
      state: 'failed', problem: { title: 'There is no such file', remedy: 'Check the path', detail: '/data/x.npy' },
    });
    expect(outputs()[0]).toEqual({ state: 'unknown', reason: 'There is no such file' });
    expect(host.model!.planFeed.previewOf(0)).toMatchObject({ sqnrDb: 40 });
  });

  test('that is taken out of the plan takes the errors of outputs with it, and undo brings them back', async () => {
    const { core, document, outputs, states } = await calibrating();
    document.edit(setRounding(document.plan, ['w0'], 'gptq'));
    core.captures[0]!.settle(captured);
    await settle();
    core.calls.length = 0;
    const clear = setCalibration(document.plan, undefined);
    document.edit(clear);
    await settle();
    expect(states().at(-1)).toBeNull();
    expect(outputs()).toEqual([undefined, undefined, undefined]);
    expect(core.calls).toEqual(['preview 0 at 4']);
    document.undo(clear);
    core.captures[1]!.settle(captured);
    await settle();
    expect(outputs()[0]).toMatchObject({ state: 'measured' });
  });
});
