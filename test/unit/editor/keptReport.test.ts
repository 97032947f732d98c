import { expect, test } from 'vitest';
import { completeSettings } from '../../../src/core/plan/layerSettings';
import type { CopyFormat } from '../../../src/core/encodings/copyFormat';
import type { MeasuredReport } from '../../../src/editor/collectReport';
import { KeptReport } from '../../../src/editor/keptReport';
import type { Outcome } from '../../../src/protocol/coreService';

function reporting() {
  const calibration = { contents: 1 };
  const planFeed = {
    planned: [{ layer: 0, settings: completeSettings({ bits: 4 }) }], copyFormat: 'exact' as CopyFormat, tuning: { calibration: { inputs: '/x.npy' } },
  };
  const kept = new KeptReport();
  let collected = 0;
  const collect = async (meanwhile: () => void = () => {}): Promise<Outcome<MeasuredReport>> => {
    collected++;
    meanwhile();
    return { ok: true, value: { total: { sqnrDb: collected } } as unknown as MeasuredReport };
  };
  const sqnrDb = async (meanwhile?: () => void): Promise<number | null> => {
    const report = await kept.of({ planFeed, calibration }, () => collect(meanwhile));
    return report.ok ? report.value.total.sqnrDb : null;
  };
  return { planFeed, calibration, kept, sqnrDb };
}

test('a report is measured once for all its forms', async () => {
  const { sqnrDb } = reporting();
  expect([await sqnrDb(), await sqnrDb(), await sqnrDb()]).toEqual([1, 1, 1]);
});

test.each<[string, (of: ReturnType<typeof reporting>) => void]>([
  ['the plan says something else of a layer', ({ planFeed }) => (planFeed.planned = [{ layer: 0, settings: completeSettings({ bits: 5 }) }])],
  ['copies are to be corrected', ({ planFeed }) => Object.assign(planFeed.tuning, { biasCorrection: true })],
  ['copies are in another format', ({ planFeed }) => (planFeed.copyFormat = 'qdq')],
  ['the calibration data has other samples', ({ calibration }) => calibration.contents++],
])('it is measured anew once %s', async (_, change) => {
  const of = reporting();
  await of.sqnrDb();
  change(of);
  expect([await of.sqnrDb(), await of.sqnrDb()]).toEqual([2, 2]);
});

test('what changes while it is measured is not in what is kept', async () => {
  const { planFeed, sqnrDb } = reporting();
  expect(await sqnrDb(() => (planFeed.copyFormat = 'qdq'))).toBe(1);
  expect(await sqnrDb()).toBe(2);
});

test('a failure is not kept', async () => {
  const { kept, planFeed, calibration, sqnrDb } = reporting();
  const failed = await kept.of({ planFeed, calibration }, async () => ({ ok: false, problem: { code: 'cancelled', place: {}, detail: {} } }));
  expect([failed.ok, await sqnrDb()]).toEqual([false, 1]);
});
