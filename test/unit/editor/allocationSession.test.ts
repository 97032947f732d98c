import { describe, expect, test } from 'vitest';
import type { LayerOption, LayerOptions } from '../../../src/core/allocation/layerOptions';
import type { Problem } from '../../../src/core/errors';
import type { BitWidth } from '../../../src/core/plan/layerSettings';
import { AllocationSession } from '../../../src/editor/allocationSession';
import type { AllocationPoint, AllocationTarget, MeasuredError } from '../../../src/protocol/allocation';
import { parseHostMessage, type HostMessage } from '../../../src/protocol/page';
import { FakeCore, layerOf } from './fakeCore';

const layers = [layerOf(0), layerOf(1), layerOf(2, { quantizable: { reason: 'already-quantized' } }), layerOf(3)];
const options = [0, 1, 3].map((layer): LayerOptions => ({
  layer,
  options: [
    ...([2, 4, 8] as const).map((bits): LayerOption => ({ bits, weightBits: 6 * bits, bytes: bits, noise: (1 + layer) * 4 ** -bits })),
    { bits: 'float', weightBits: 192, bytes: 24, noise: 0 },
  ],
}));

/** Two points of which the second has the widest options. */
class AllocatingCore extends FakeCore {
  readonly asked: LayerOptions[][] = [];

  override allocationCurves: FakeCore['allocationCurves'] = async (_model, _layers, given) => {
    this.asked.push(given);
    const pointOf = (pick: (own: LayerOption[]) => LayerOption): AllocationPoint => {
      const chosen = given.map(({ options: all }) => pick(all.slice(0, -1)));
      return { bits: chosen.map(({ bits }) => bits), noise: chosen.reduce((sum, { noise }) => sum + noise, 0), averageBits: 5, bytes: 500 };
    };
    const points = [pointOf((own) => own[0]!), pointOf((own) => own.at(-1)!)];
    const curve = { optimal: points, codingLength: given[0]?.codingLength === undefined ? null : points };
    return { ok: true, value: { weightBits: curve, bytes: curve, equal: [points[0]!] } };
  };
}

function open({ isCurrent = () => true, by = 'sqnr' }: { isCurrent?: () => boolean; by?: MeasuredError } = {}) {
  const core = new AllocatingCore(layers);
  const posted: HostMessage[] = [];
  const applied: [ReadonlyMap<string, BitWidth | 'float'>, number][] = [];
  const problems: Problem[] = [];
  const measured = { location: { path: '/m.onnx' }, layers, wanted: options.map(({ layer }) => ({ layer, settings: {} })), options, by, format: 'exact' as const };
  const session = new AllocationSession(core, measured, {
    post(message) {
      const parsed = parseHostMessage(JSON.parse(JSON.stringify(message)));
      if (!parsed) throw new Error(`not understood: ${JSON.stringify(message)}`);
      posted.push(parsed);
    },
    watch: (work) => work({}),
    onProblem: (problem) => problems.push(problem),
    onApply: (...widths) => applied.push(widths),
    isCurrent,
  });
  const choices = () => posted.flatMap((message) => (message.type === 'allocation' && message.choices ? [message.choices] : []));
  return { core, session, posted, applied, problems, choices };
}

describe('a session of allocation', () => {
  test('shows choices with their error, worst layer and widths', async () => {
    const { session, choices } = open();
    await session.show();
    const [{ layers: count, ends, weightBits: { optimal, codingLength } }] = choices() as [ReturnType<typeof choices>[number]];
    expect([count, ends, codingLength]).toEqual([3, { names: ['w0', 'w3'], fixed: false }, null]);
    const noise = 7 / 16;
    expect(optimal[0]).toMatchObject({ noiseDb: Number((10 * Math.log10(noise)).toPrecision(6)), widths: [{ bits: 2, layers: 3 }], bytes: 500 });
    expect(optimal[0]!.worst!.name).toBe('w3');
    expect(optimal[0]!.worst!.sqnrDb).toBeCloseTo(10 * Math.log10(4), 9);
  });

  test('applies the widths of a choice once, and takes the panel away', async () => {
    const { session, choices, posted, applied } = open();
    await session.show();
    const { id } = choices()[0]!.weightBits.optimal[1]!;
    await session.act({ kind: 'apply', point: id });
    await session.act({ kind: 'apply', point: id });
    expect(applied).toEqual([[new Map([['w0', 8], ['w1', 8], ['w3', 8]]), 5]]);
    expect(posted.at(-1)).toEqual({ type: 'allocation', choices: null, found: null });
  });

  test('ignores choices that it never made', async () => {
    const { session, applied, posted } = open();
    await session.show();
    await session.act({ kind: 'apply', point: 999 });
    expect(applied).toEqual([]);
    expect(posted).toHaveLength(1);
  });

  test('changes nothing when it is closed', async () => {
    const { session, applied, posted } = open();
    await session.show();
    await session.act({ kind: 'close' });
    await session.act({ kind: 'apply', point: 0 });
    await session.show();
    expect(applied).toEqual([]);
    expect(posted.map((message) => message.type === 'allocation' && message.choices === null)).toEqual([false, true]);
  });

  test('leaves the ends eight bits alone when told to', async () => {
    const { core, session, choices } = open();
    await session.act({ kind: 'ends', fixed: true });
    expect(core.asked[0]!.map(({ options: all }) => all.map(({ bits }) => bits))).toEqual([[8, 'float'], [2, 4, 8, 'float'], [8, 'float']]);
    expect(choices()[0]!.ends.fixed).toBe(true);
    await session.act({ kind: 'ends', fixed: false });
    expect(core.asked[1]).toEqual(options);
  });

  test('measures coding lengths when they are asked for', async () => {
    const { core, session, choices } = open();
    await session.act({ kind: 'codingLengths' });
    expect(core.asked[0]!.map(({ codingLength }) => codingLength)).toEqual([0, 1, 3]);
    expect(choices()[0]!.bytes.codingLength).toHaveLength(2);
  });

  test('finds what reaches a target, or says why nothing does', async () => {
    const { core, session, posted, applied } = open();
    await session.act({ kind: 'find', target: { averageBits: 1 } });
    expect(posted.at(-1)).toMatchObject({ type: 'allocationFound', found: { problem: expect.stringMatching(/./) } });
    const widths = options.map(({ layer }) => ({ layer, bits: 4 as const }));
    core.chooseWidths = async () => ({ ok: true, value: {
      widths, noise: 0.5, cost: 72, optimal: true, planned: [],
      size: { bytesBefore: 1000, bytesAfter: 700, averageBits: 4, layers: [], skipped: [] },
    } });
    await session.act({ kind: 'find', target: { averageBits: 4 } });
    const last = posted.at(-1);
    if (last?.type !== 'allocationFound' || !('point' in last.found)) throw new Error('no point');
    expect(last.found.point).toMatchObject({ averageBits: 4, bytes: 700, widths: [{ bits: 4, layers: 3 }] });
    await session.act({ kind: 'apply', point: last.found.point.id });
    expect(applied[0]![0]).toEqual(new Map([['w0', 4], ['w1', 4], ['w3', 4]]));
  });

  test('drops what it found when another target was asked for since, or the choices are others', async () => {
    const { core, session, posted } = open();
    const answers: (() => void)[] = [];
    core.chooseWidths = (_model, _layers, _options, { target }) => new Promise((resolve) => {
      answers.push(() => resolve({ ok: false, problem: { code: 'allocation-impossible', place: {}, detail: { ...target } } }));
    });
    const found = (): number => posted.filter(({ type }) => type === 'allocationFound').length;
    const searches = [3, 4].map((averageBits) => session.act({ kind: 'find', target: { averageBits } }));
    answers[1]!();
    await searches[1];
    expect(found()).toBe(1);
    answers[0]!();
    await searches[0];
    expect(found()).toBe(1);
    const last = session.act({ kind: 'find', target: { averageBits: 5 } });
    const ends = session.act({ kind: 'ends', fixed: true });
    await expect.poll(() => answers.length).toBe(4);
    answers[2]!();
    await last;
    expect(found()).toBe(1);
    answers[3]!();
    await ends;
    expect(posted.at(-1)).toMatchObject({ type: 'allocation', found: { problem: expect.stringMatching(/./) } });
  });

  test('looks for the last target again where other choices are shown', async () => {
    const { core, session, posted, choices } = open();
    const asked: [AllocationTarget, number][] = [];
    core.chooseWidths = async (_model, _layers, given, { target }) => {
      asked.push([target, given[0]!.options.length]);
      return { ok: false, problem: { code: 'allocation-impossible', place: {}, detail: {} } };
    };
    await session.show();
    await session.act({ kind: 'find', target: { averageBits: 3 } });
    await session.act({ kind: 'find', target: { maxBytes: 700 } });
    await session.act({ kind: 'ends', fixed: true });
    expect(asked).toEqual([[{ averageBits: 3 }, 4], [{ maxBytes: 700 }, 4], [{ maxBytes: 700 }, 2]]);
    expect(choices()).toHaveLength(2);
    expect(posted.at(-1)).toMatchObject({ type: 'allocation', found: { problem: expect.stringMatching(/./) } });
    expect(posted[0]).toMatchObject({ type: 'allocation', found: null });
  });

  test('keeps a target that is asked for while choices are on their way', async () => {
    const { core, session, posted, applied } = open();
    const widths = options.map(({ layer }) => ({ layer, bits: 4 as const }));
    core.chooseWidths = async () => ({ ok: true, value: {
      widths, noise: 0.5, cost: 72, optimal: true, planned: [],
      size: { bytesBefore: 1000, bytesAfter: 700, averageBits: 4, layers: [], skipped: [] },
    } });
    const lengths = session.act({ kind: 'codingLengths' });
    await Promise.all([session.act({ kind: 'find', target: { averageBits: 4 } }), lengths]);
    const shown = session.show();
    await Promise.all([session.act({ kind: 'find', target: { averageBits: 4 } }), shown]);
    const last = posted.at(-1);
    if (last?.type !== 'allocation' || !last.found || !('point' in last.found)) throw new Error('no point');
    expect(last.choices!.bytes.codingLength).not.toBeNull();
    await session.act({ kind: 'apply', point: last.found.point.id });
    expect(applied[0]![0]).toEqual(new Map([['w0', 4], ['w1', 4], ['w3', 4]]));
  });

  test('says which errors it is about, and chooses by them', async () => {
    const { core, session, choices } = open({ by: 'calibrated' });
    const asked: string[] = [];
    core.chooseWidths = async (_model, _layers, _options, { by }) => {
      asked.push(by);
      return { ok: false, problem: { code: 'allocation-impossible', place: {}, detail: {} } };
    };
    await session.show();
    await session.act({ kind: 'find', target: { averageBits: 4 } });
    expect(choices()[0]!.by).toBe('calibrated');
    expect(asked).toEqual(['calibrated']);
  });

  test('ends when the plan or the model is another', async () => {
    let current = true;
    const { session, applied, posted } = open({ isCurrent: () => current });
    await session.show();
    current = false;
    await session.act({ kind: 'apply', point: 0 });
    expect(applied).toEqual([]);
    expect(posted.at(-1)).toEqual({ type: 'allocation', choices: null, found: null });
  });
});
