import { expect, it } from 'vitest';
import { quantizeCalibrated } from '../../../../src/core/calibration/quantizeCalibrated';
import { completeSettings } from '../../../../src/core/plan/layerSettings';
import { laplacian } from '../../../fixtures/modelBuilder';
import { problemOf } from '../../../fixtures/problemOf';
import { momentsOf, reluInputs } from '../assignment/roundingProblems';

it('hears a cancel at every 32 rows while it measures outputs', () => {
  const [rows, columns] = [96, 16];
  const matrix = { rows, columns, groups: 1, inputBlocks: 1, rowStride: columns, columnStride: 1 };
  const layer = { name: 'w', dims: [rows, columns], channelAxis: 0, dtype: 'float32' as const };
  const inputs = { matrix, moments: momentsOf(reluInputs(64, columns), columns) };
  const settings = completeSettings({ bits: 4, granularity: 'tensor' });
  const looksUntil = (cancelAt: number): number => {
    let looks = 0;
    const signal = {
      get aborted() {
        return ++looks === cancelAt;
      },
    };
    quantizeCalibrated(laplacian(rows * columns, 1), layer, settings, inputs, { signal });
    return looks;
  };
  // Energies of its outputs, and of their errors.
  const looks = looksUntil(Infinity);
  expect(looks).toBeGreaterThanOrEqual(2 * (rows / 32));
  expect(problemOf(() => looksUntil(looks)).code).toBe('cancelled');
});
