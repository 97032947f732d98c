import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryFiles } from '../../../src/core/bytes/memorySource';
import { indexModel } from '../../../src/core/onnx/indexModel';
import { fuzzCase, fuzzSeed, type Campaign } from '../../fuzz/campaign';
import { judge } from '../../fuzz/judge';
import { generatedSeeds } from '../../fuzz/seedModels';
import { sharedCampaign } from '../../fuzz/watchedCampaign';
import { encodeWire, parseWire } from '../../fuzz/wireTree';
import { bundle, type Bundle } from '../workers/bundle';

const MODELS = join(__dirname, '../../../../shared/models');
const MOST_MEMORY = 2 ** 30;

let built: Bundle;
beforeAll(() => {
  built = bundle(['test/fuzz/fuzzWorker.ts']);
});
afterAll(() => built.remove());

const total = ({ outcomes }: Campaign): number => Object.values(outcomes).reduce((sum, count) => sum + count, 0);

describe('the fuzzer', () => {
  const seeds = generatedSeeds();

  test('begins from models that are sound, nearly all of which can be copied', () => {
    const outcomes = seeds.map(({ model, external }, i) => judge(model, external, i));
    expect(outcomes.filter((outcome) => outcome !== 'copy' && outcome !== 'layers')).toEqual([]);
    expect(outcomes.filter((outcome) => outcome === 'copy').length).toBeGreaterThan(seeds.length / 2);
    for (const { model, external } of seeds) {
      expect(indexModel(memoryFiles('m.onnx', model, external), 'm.onnx').tensors.length).toBeGreaterThan(0);
    }
  });

  test('takes them apart and puts them together byte by byte', () => {
    for (const { model } of seeds) expect(encodeWire(parseWire(model, 'model'))).toEqual(model);
  });

  test('makes the same case again', () => {
    const sound = seeds.map(fuzzSeed);
    const first = fuzzCase(sound, 5, 1234);
    for (let other = 0; other < 100; other++) expect(fuzzCase(sound, 5, other)).not.toEqual(first);
    expect(fuzzCase(sound, 5, 1234)).toEqual(first);
    expect(fuzzCase(sound, 6, 1234)).not.toEqual(first);
  });
});

describe('a mutated model ends in a value or one problem, within bounds', () => {
  test('10,000 of generated models', async () => {
    const result = await sharedCampaign(built.folder, { seed: 20, range: [0, 10_000], real: null });
    expect(result.defects).toEqual([]);
    expect(total(result)).toBe(10_000);
    expect(result.peakBytes).toBeLessThan(MOST_MEMORY);
    for (const outcome of ['copy', 'layers', 'malformed', 'truncated', 'limit-exceeded']) {
      expect(result.outcomes[outcome]).toBeGreaterThan(0);
    }
  });

  test.skipIf(!existsSync(MODELS))('90,000 of real models', async () => {
    const result = await sharedCampaign(built.folder, { seed: 21, range: [0, 90_000], real: { folder: MODELS, mostBytes: Infinity } });
    expect(result.defects).toEqual([]);
    expect(total(result)).toBe(90_000);
    expect(result.peakBytes).toBeLessThan(MOST_MEMORY);
    for (const outcome of ['copy', 'layers', 'malformed', 'truncated', 'limit-exceeded', 'external-escapes', 'external-too-short']) {
      expect(result.outcomes[outcome]).toBeGreaterThan(0);
    }
  }, 900_000);
});
