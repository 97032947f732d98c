import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nearestOption, noiseOf, type LayerOptions } from '../../../src/core/allocation/layerOptions';
import { BIT_WIDTHS, completeSettings, scopeOf, type MethodId } from '../../../src/core/plan/layerSettings';
import type { AllocationTarget, ChosenWidths } from '../../../src/protocol/allocation';
import { coreJobs } from '../../../src/workers/coreJobs';
import { plannedLayers } from '../../../src/workers/plannedWidths';

const MODELS = resolve(import.meta.dirname, '../../../../shared/models');

const METHODS: MethodId[] = ['uniform', 'lloyd-max'];
const SMALL = [
  'lenet5_mnist', 'lenet5_mnist_fp16', 'mnist_cntk', 'basic_pitch', 'superres_prepost_op18', 'mlperf_resnet8_cifar10_folded',
  'tiny_gpt2_beamsearch_fp16',
];

type Choice = Pick<ChosenWidths, 'widths' | 'noise' | 'size'>;

async function measured(name: string, method: MethodId) {
  const location = { path: join(MODELS, `${name}.onnx`) };
  const jobs = coreJobs();
  const { layers } = await jobs.openModel({}, location);
  const wanted = layers.filter(({ quantizable, fixed }) => quantizable === true && !fixed).map(({ index }) => ({ layer: index, settings: { method } }));
  const options = await jobs.layerOptions({}, location, wanted, 'exact');
  const copyOf = async (widths: Choice['widths']): Promise<Choice> => {
    const size = await jobs.copySize({}, location, plannedLayers(wanted, widths), 'exact');
    const skipped = new Set(size.skipped.map(({ layer }) => layer));
    const copied = widths.map((each): typeof each => (skipped.has(each.layer) ? { ...each, bits: 'float' } : each));
    return { widths: copied, noise: noiseOf(options, copied), size };
  };
  return {
    options, copyOf,
    /** As `preview --bits` has them. */
    ofOneWidth: () => Promise.all(scopeOf(method, 8).bits.map(async (bits): Promise<Choice> => {
      const size = await jobs.copySize({}, location, wanted.map(({ layer }) => ({ layer, settings: completeSettings({ method, bits }) })), 'exact');
      const quantized = new Set(size.layers.map(({ layer }) => layer));
      const widths = options.map(({ layer }): Choice['widths'][number] => ({ layer, bits: quantized.has(layer) ? bits : 'float' }));
      return { widths, noise: noiseOf(options, widths), size };
    })),
    choose: (target: AllocationTarget) => jobs.chooseWidths({}, location, wanted, options, { by: 'sqnr', target, format: 'exact' }),
  };
}

function keepsTo(target: AllocationTarget, { size }: Choice): boolean {
  if ('maxBytes' in target) return size.bytesAfter <= target.maxBytes;
  return !('averageBits' in target) || size.averageBits <= target.averageBits + 1e-9;
}

/** Every choice of a width for each layer, or of float where a width is not smaller. */
function everyChoice([first, ...others]: readonly LayerOptions[]): Choice['widths'][] {
  if (!first) return [[]];
  const bits = new Set(BIT_WIDTHS.map((width) => first.options[nearestOption(first, width)]!.bits));
  return everyChoice(others).flatMap((rest) => [...bits].map((own) => [{ layer: first.layer, bits: own }, ...rest]));
}

describe.skipIf(!existsSync(MODELS))('allocations for real models', () => {
  it.each(SMALL.flatMap((name) => METHODS.map((method) => [name, method] as const)))(
    '%s, %s: lose no more than one width for all within the target, and are what their copies have',
    async (name, method) => {
      const { copyOf, ofOneWidth, choose } = await measured(name, method);
      const equal = await ofOneWidth();
      const targets = equal.flatMap(({ size: { averageBits, bytesAfter } }): AllocationTarget[] => [
        { averageBits }, { averageBits: 1.02 * averageBits }, { maxBytes: bytesAfter }, { maxBytes: Math.round(1.07 * bytesAfter) },
      ]);
      for (const target of targets) {
        const chosen = await choose(target);
        expect(keepsTo(target, chosen)).toBe(true);
        const { noise, size, widths } = await copyOf(chosen.widths);
        expect([widths, noise, size.bytesAfter, size.averageBits])
          .toEqual([chosen.widths, chosen.noise, chosen.size.bytesAfter, chosen.size.averageBits]);
        for (const each of equal) if (keepsTo(target, each)) expect(noise, JSON.stringify(target)).toBeLessThanOrEqual(each.noise * (1 + 1e-12));
      }
    },
  );

  it.each([['mnist_cntk', 'lloyd-max'], ['lenet5_mnist_fp16', 'lloyd-max'], ['lenet5_mnist_fp16', 'pwlq'], ['superres_prepost_op18', 'lloyd-max']] as const)(
    '%s, %s: are called optimal only where no choice is better',
    async (name, method) => {
      const { options, copyOf, choose } = await measured(name, method);
      const all = (await Promise.all(everyChoice(options).map(copyOf))).sort((a, b) => a.size.bytesAfter - b.size.bytesAfter);
      let optimal = 0;
      for (let step = 0; step <= 20; step++) {
        const { bytesAfter, averageBits } = all[Math.round(((all.length - 1) * step) / 20)]!.size;
        for (const target of [{ maxBytes: bytesAfter }, { averageBits }]) {
          const within = all.filter((each) => keepsTo(target, each));
          const chosen = await choose(target);
          if (!chosen.optimal) continue;
          optimal++;
          expect(chosen.noise, JSON.stringify(target)).toBeLessThanOrEqual(Math.min(...within.map(({ noise }) => noise)) * (1 + 1e-12));
        }
      }
      expect(optimal).toBeGreaterThan(20);
    },
  );
});
