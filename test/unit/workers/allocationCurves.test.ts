import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { completeSettings, type PlannedLayer } from '../../../src/core/plan/layerSettings';
import { withCodingLengths } from '../../../src/core/allocation/layerOptions';
import { DEFAULT_CODING, type AllocationPoint, type LayerToAllocate } from '../../../src/protocol/allocation';
import { coreJobs } from '../../../src/workers/coreJobs';
import { plannedLayers } from '../../../src/workers/plannedWidths';
import { buildModel, laplacian, writeModel } from '../../fixtures/modelBuilder';

const SIZES = [40, 56, 24];

async function curves() {
  const folder = mkdtempSync(join(tmpdir(), 'quantscope-curves-'));
  const dims = SIZES.map((size, i) => [size, SIZES[(i + 1) % SIZES.length]!]);
  const path = writeModel(folder, 'm.onnx', buildModel({
    inputs: [{ name: 'x0', dims: ['batch', SIZES[0]!] }],
    outputs: [{ name: `x${SIZES.length}`, dims: ['batch', SIZES[0]!] }],
    initializers: dims.map(([rows, columns], i) => (
      { name: `fc${i}`, dims: [rows!, columns!], data: laplacian(rows! * columns!, i + 1, 0.05 * 4 ** i) }
    )),
    nodes: dims.map((_, i) => ({ op: 'MatMul', inputs: [`x${i}`, `fc${i}`], outputs: [`x${i + 1}`] })),
  }));
  const jobs = coreJobs();
  const layers: LayerToAllocate[] = SIZES.map((_, layer) => ({ layer, settings: layer === 1 ? { method: 'lloyd-max' } : {} }));
  const measured = await jobs.layerOptions({}, { path }, layers, 'exact');
  const lengths = await jobs.codingLengths({}, { path }, measured.map(({ layer }) => layer), DEFAULT_CODING);
  const options = withCodingLengths(measured, lengths);
  return { folder, path, jobs, layers, measured, options, found: await jobs.allocationCurves({}, { path }, layers, options, 'exact') };
}

test('measuring says width by width how far it is, as one layer may take minutes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quantscope-curves-'));
  const path = writeModel(folder, 'm.onnx', buildModel({
    initializers: [{ name: 'w', dims: [4, 50], data: laplacian(200, 1) }],
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
  }));
  const fractions: number[] = [];
  await coreJobs().layerOptions({ onProgress: (fraction) => fractions.push(fraction) }, { path }, [{ layer: 0, settings: {} }], 'exact');
  expect(fractions).toEqual([1, 2, 3, 4, 5, 6, 7].map((width) => width / 7));
  rmSync(folder, { recursive: true });
});

describe('curves of a model', () => {
  test('have at every point the error and the size that its plan has', async () => {
    const { folder, path, jobs, layers, found } = await curves();
    const planOf = ({ bits }: AllocationPoint): PlannedLayer[] => bits.flatMap((width, i) => (
      width === 'float' ? [] : [{ layer: i, settings: completeSettings({ ...layers[i]!.settings, bits: width }) }]
    ));
    const { weightBits, bytes, equal } = found;
    const every = (points: AllocationPoint[]): AllocationPoint[] => points.filter((_, i) => i % 9 === 0 || i === points.length - 1);
    for (const point of [...every(weightBits.optimal), ...every(bytes.optimal), ...every(weightBits.codingLength!), ...equal]) {
      const report = await jobs.previewModel({}, { path }, planOf(point), 'exact');
      expect(report.size.bytesAfter).toBe(point.bytes);
      expect(report.size.averageBits).toBeCloseTo(point.averageBits, 12);
      expect(report.layers.reduce((sum, { sqnrDb }) => sum + 10 ** (-sqnrDb / 10), 0)).toBeCloseTo(point.noise, 9);
    }
    rmSync(folder, { recursive: true });
  });

  test('lose no more than equal widths of the same size, and nor does what is chosen for that size', async () => {
    const { folder, path, jobs, layers, options, found: { bytes: { optimal }, equal } } = await curves();
    for (const { bytes, noise } of equal) {
      expect(optimal.filter((point) => point.bytes <= bytes).at(-1)!.noise).toBeLessThanOrEqual(noise);
      const chosen = await jobs.chooseWidths({}, { path }, layers, options, { by: 'sqnr', target: { maxBytes: bytes }, format: 'exact' });
      expect(chosen.size.bytesAfter).toBeLessThanOrEqual(bytes);
      expect(chosen.noise).toBeLessThanOrEqual(noise);
    }
    rmSync(folder, { recursive: true });
  });

  test('are left where no layer’s width can change to lose less in as many bytes; only what is certain is called optimal', async () => {
    const { folder, path, jobs, layers, options, found: { equal } } = await curves();
    const choose = (maxBytes: number) => jobs.chooseWidths({}, { path }, layers, options, { by: 'sqnr', target: { maxBytes }, format: 'exact' });
    const [least, most] = [equal[0]!.bytes, equal.at(-1)!.bytes];
    const certain = new Set<boolean>();
    for (let maxBytes = least; maxBytes <= most + 100; maxBytes += 811) {
      const chosen = await choose(maxBytes);
      certain.add(chosen.optimal);
      for (const [i, { options: all }] of options.entries()) {
        for (const { bits, noise } of all.slice(0, -1)) {
          const now = all.find((each) => each.bits === chosen.widths[i]!.bits)!;
          if (noise >= now.noise || bits === 'float') continue;
          const changed = chosen.widths.map((each) => (each.layer === i ? { layer: i, bits } : each));
          expect((await jobs.previewModel({}, { path }, plannedLayers(layers, changed), 'exact')).size.bytesAfter).toBeGreaterThan(maxBytes);
        }
      }
    }
    expect([...certain].sort()).toEqual([false, true]);
    rmSync(folder, { recursive: true });
  });

  test('rise in bits and size, and end where all layers have eight bits', async () => {
    const { folder, jobs, path, layers, measured, found: { weightBits, equal } } = await curves();
    weightBits.optimal.forEach((point, i) => {
      if (i > 0) expect(point.averageBits).toBeGreaterThan(weightBits.optimal[i - 1]!.averageBits);
    });
    expect(weightBits.optimal.at(-1)).toEqual(equal.at(-1));
    const without = await jobs.allocationCurves({}, { path }, layers, measured, 'exact');
    expect(without.bytes.codingLength).toBeNull();
    rmSync(folder, { recursive: true });
  });
});
