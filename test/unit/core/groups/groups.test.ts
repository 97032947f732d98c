import { describe, expect, it } from 'vitest';
import { forEachGroup } from '../../../../src/core/groups/groupBatches';
import { forEachRun, gather, groupCount, largestGroup, type Groups } from '../../../../src/core/groups/groups';
import { layerGroups, scaleAxes, type GroupedLayer } from '../../../../src/core/groups/layerGroups';
import { stripeCodeBuffer, stripeWeightBuffer } from '../../../../src/core/kernels/stripeBuffers';
import { describeWeight, GROUPED_WEIGHTS, layerOf } from '../encodings/groupedWeights';

describe('layerGroups', () => {
  it.each(GROUPED_WEIGHTS.map((weight) => [describeWeight(weight), weight] as const))('%s', (_, weight) => {
    const groups = layerGroups(layerOf(weight), weight.granularity);
    const elements = weight.dims.reduce((a, b) => a * b, 1);
    expect(groupCount(groups)).toBe(weight.groups);
    const found = new Array<number>(elements);
    for (let group = 0; group < weight.groups; group++) {
      forEachRun(groups, group, (start, end) => {
        for (let i = start; i < end; i++) {
          expect(found[i]).toBeUndefined();
          found[i] = group;
        }
      });
    }
    expect(found).toEqual(Array.from({ length: elements }, (_each, i) => weight.groupOf(i)));
  });

  it('has no per-channel scales without a channel axis, and stacks only of matrices', () => {
    const dims = [2, 3, 4];
    const consumers = (...ops: string[]) => ops.map((op) => ({ op, node: '', input: 1 }));
    const axesOf = (layer: GroupedLayer) => scaleAxes(layer).axes;
    expect(axesOf({ dims, channelAxis: null, consumers: consumers('MatMul') })).toEqual([]);
    expect(axesOf({ dims, channelAxis: 2, consumers: consumers('MatMul', 'MatMul') })).toEqual([0, 2]);
    expect(axesOf({ dims, channelAxis: 1, consumers: consumers('LSTM') })).toEqual([0, 1]);
    expect(axesOf({ dims, channelAxis: 0, consumers: consumers('Conv') })).toEqual([0]);
    expect(axesOf({ dims, channelAxis: 0, consumers: consumers('MatMul') })).toEqual([0]);
    expect(axesOf({ dims, channelAxis: 1, consumers: consumers('MatMul', 'Conv') })).toEqual([1]);
  });
});

describe('groups', () => {
  it('are taken out in stored order, and their codes put back', () => {
    for (const weight of GROUPED_WEIGHTS) {
      const groups = layerGroups(layerOf(weight), weight.granularity);
      const values = Float32Array.from({ length: weight.dims.reduce((a, b) => a * b, 1) }, (_, i) => i % 251);
      const into = new Float32Array(largestGroup(groups));
      for (let group = 0; group < weight.groups; group++) {
        const length = gather(values, groups, group, into);
        expect([...into.subarray(0, length)]).toEqual([...values].filter((_, i) => weight.groupOf(i) === group));
      }
      expectVisited(groups, values);
    }
  });

  it.each([
    ['columns, more than are gathered at a time', { dims: [50, 70], spans: [50, 1] }],
    ['columns, more than there is room for', { dims: [20_000, 110], spans: [20_000, 1] }],
    ['columns, few', { dims: [50, 15], spans: [50, 1] }],
    ['columns of blocks, the last ones shorter', { dims: [50, 70], spans: [32, 1] }],
    ['columns of blocks of stacked matrices', { dims: [2, 100, 17], spans: [1, 16, 1] }],
    ['columns by threes, the last one alone', { dims: [50, 70], spans: [50, 3] }],
    ['groups too large to gather two', { dims: [70_000, 3, 2], spans: [70_000, 1, 2] }],
    ['stacked matrices', { dims: [3, 20, 40], spans: [1, 20, 1] }],
  ])('are visited with the weights that each has: %s', (_, groups) => {
    const elements = groups.dims.reduce((a, b) => a * b, 1);
    expectVisited(groups, Float32Array.from({ length: elements }, (_each, i) => (i * 7) % 256));
    expectVisited(groups, Float64Array.from({ length: elements }, (_each, i) => (i * 7) % 256));
  });
});

// Kernels take sixteen rows at a time, and may not look past the end of their memory.
it.each([[3, 1 << 20], [4, 500_000], [17, 200_000], [64, 65_536]])('%i rows of %i columns are visited where the kernels see them', (rows, columns) => {
  const values = stripeWeightBuffer(rows * columns)!;
  for (let i = 0; i < values.length; i++) values[i] = (i * 7) % 256;
  const codes = stripeCodeBuffer(values.length)!;
  forEachGroup(values, { dims: [rows, columns], spans: [rows, 1] }, codes, (weights, groupCodes, column) => {
    if (weights.some((w, row) => w !== values[row * columns + column])) throw new Error(`column ${column}`);
    groupCodes.set(weights);
  });
  expect(codes.every((code, i) => code === values[i])).toBe(true);
});

function expectVisited(groups: Groups, values: Float32Array | Float64Array): void {
  const codes = new Uint8Array(values.length);
  const visited: number[] = [];
  const into = values.slice(0, largestGroup(groups));
  forEachGroup(values, groups, codes, (weights, groupCodes, group) => {
    visited.push(group);
    const length = gather(values, groups, group, into);
    expect(weights.length).toBe(length);
    expect(weights.every((w, i) => w === into[i])).toBe(true);
    groupCodes.set(weights);
  });
  expect(visited).toEqual(Array.from({ length: groupCount(groups) }, (_, group) => group));
  expect(codes.every((code, i) => code === values[i])).toBe(true);
}
