import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { indexModel } from '../../../src/core/onnx/indexModel';
import { planCopy } from '../../../src/core/onnx/planCopy';
import { readWeights } from '../../../src/core/onnx/weights';
import { writeCopy } from '../../../src/core/onnx/writeCopy';
import { completeSettings } from '../../../src/core/plan/layerSettings';
import { quantizeLayer } from '../../../src/core/quantizeLayer';
import { writeAtomically } from '../../../src/platform/atomicFile';
import { openModelFiles } from '../../../src/platform/nodeFiles';
import { hasChecker, verdicts } from '../core/onnx/checker';

const MODELS = resolve(import.meta.dirname, '../../../../shared/models');
const BITS = [8, 4, 3] as const;

describe.skipIf(!existsSync(MODELS) || !hasChecker())('onnx.checker', () => {
  let folder: string;
  beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'quantscope-checked-')); });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('accepts every copy of a model that it accepts', async () => {
    const sources = readdirSync(MODELS).filter((name) => name.endsWith('.onnx')).map((name) => join(MODELS, name));
    const written = () => sources.map((path) => statSync(path).mtimeMs);
    const before = written();
    const judged = [...verdicts(sources)].filter(([, objection]) => objection === null).map(([path]) => path);
    const copies: string[] = [];
    for (const source of judged) for (const bits of BITS) copies.push(...await copied(source, bits));
    expect(copies.length).toBeGreaterThan(3 * 15);
    expect(written()).toEqual(before);
    expect([...verdicts(copies)].filter(([, objection]) => objection !== null)).toEqual([]);
  });

  /** The copy's path; none where nothing is quantized. */
  async function copied(source: string, bits: (typeof BITS)[number]): Promise<string[]> {
    const files = openModelFiles(source);
    try {
      const index = indexModel(files, source);
      const settings = completeSettings({ bits, support: 'abs-max' });
      const planned = index.layers.map(({ index: layer }) => ({ layer, settings }));
      const path = join(folder, String(bits), basename(source));
      mkdirSync(join(folder, String(bits)), { recursive: true });
      const plan = planCopy(index, planned, basename(path));
      if (plan.layers.length === 0) return [];
      await writeAtomically({ path, force: false, sources: [source] }, (open) => {
        writeCopy(files, index, plan, (layer) => (
          quantizeLayer(readWeights(files, index.tensors[layer.tensor]!), layer, settings)
        ), open);
      });
      return [path];
    } finally {
      files.close();
    }
  }
});
