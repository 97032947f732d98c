import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resolvePlan } from '../../../src/core/plan/plan';
import type { PlannedLayer } from '../../../src/core/plan/layerSettings';
import { startWorker } from '../../../src/platform/startWorker';
import { createCoreClient, type CoreClient } from '../../../src/workers/coreClient';
import { createWorkerPool } from '../../../src/workers/workerPool';
import { drawnModel, drawnPlan } from '../../fixtures/drawnPlans';
import { writeModel } from '../../fixtures/modelBuilder';
import { bundle, type Bundle } from './bundle';

let built: Bundle;
let folder: string;
beforeAll(() => {
  built = bundle(['src/workers/coreWorker.ts']);
  folder = mkdtempSync(join(tmpdir(), 'quantscope-same-'));
});
afterAll(() => {
  built.remove();
  rmSync(folder, { recursive: true });
});

/** Copies as a busy editor makes them: previews before and meanwhile, two copies at once. Returns the folders they are in. */
async function copies(core: CoreClient, path: string, planned: PlannedLayer[], into: string): Promise<string[]> {
  const previews = planned.map((each) => core.previewLayer({ path }, each, 'exact'));
  const places = ['one', 'two'].map((name) => join(into, name));
  const writing = places.map((place) => {
    mkdirSync(place, { recursive: true });
    return core.quantizeModel({ path }, planned, { path: join(place, 'c.onnx'), format: 'exact', force: false, verify: false });
  });
  for (const outcome of await Promise.all(previews)) expect(outcome).toMatchObject({ ok: true });
  for (const outcome of await Promise.all(writing)) {
    // Some plans make no layer smaller.
    if (!outcome.ok) expect(outcome.problem.code).toBe('nothing-to-quantize');
  }
  return places;
}

test('the same plan makes the same bytes on one worker and on two', async () => {
  const pools = [1, 2].map((size) => createWorkerPool(() => startWorker(join(built.folder, 'coreWorker.js')), size));
  let run = 0;
  let written = 0;
  try {
    await fc.assert(fc.asyncProperty(drawnPlan, async (drawn) => {
      const here = join(folder, `${run++}`);
      mkdirSync(here);
      const path = writeModel(here, 'm.onnx', drawnModel(drawn));
      const opened = await createCoreClient(pools[0]!).openModel({ path });
      const planned = opened.ok ? resolvePlan(drawn.plan, opened.value.layers) : [];
      expect(planned.length).toBeGreaterThan(0);
      const places = await Promise.all(pools.map((pool, i) => copies(createCoreClient(pool), path, planned, join(here, `pool${i}`))));
      const [first, ...others] = places.flat().map((place) => ['c.onnx', 'c.onnx.data'].map((name) => (
        existsSync(join(place, name)) ? readFileSync(join(place, name)) : null
      )));
      if (first![0]) written++;
      for (const other of others) expect(other).toEqual(first);
    }), { numRuns: 15 });
    expect(written).toBeGreaterThan(0);
  } finally {
    await Promise.all(pools.map((pool) => pool.dispose()));
  }
});
