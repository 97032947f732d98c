import { expect, test } from 'vitest';
import { allocateEqually } from '../../../src/core/allocation/allocateBits';
import type { LayerOption, LayerOptions } from '../../../src/core/allocation/layerOptions';
import type { ChosenWidths } from '../../../src/protocol/allocation';
import { improvedWidths } from '../../../src/workers/improvedWidths';

/** How often a layer's noise is looked at until it is known that no change of a single layer fits. */
function looks(layers: number): number {
  let count = 0;
  const option = (bits: LayerOption['bits'], cost: number, noise: number): LayerOption => ({
    bits, weightBits: cost, bytes: cost, get noise() { count++; return noise; },
  });
  const options = Array.from({ length: layers }, (_, layer): LayerOptions => ({
    layer, options: [option(2, 2, 0.1), option(4, 4, 0.01), option(8, 8, 0.001), option('float', 32, 0)],
  }));
  const size = { bytesBefore: 0, bytesAfter: 0, averageBits: 2, layers: [], skipped: [] };
  const given: ChosenWidths = { ...allocateEqually(options, 2, 'bytes'), optimal: true, size };
  count = 0;
  improvedWidths(given, [], options, { budget: { unit: 'bytes', most: given.widths.length * 2 }, fits: () => true }, () => {
    throw new Error('no change keeps to the budget');
  });
  return count;
}

test('looking for changes of single layers takes twice as long with twice as many layers', () => {
  expect(looks(200) / looks(100)).toBeLessThan(3);
});
