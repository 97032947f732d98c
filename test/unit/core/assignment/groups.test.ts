import { describe, expect, it } from 'vitest';
import { forEachRun, gather, groupCount, largestGroup, scatter } from '../../../../src/core/assignment/groups';
import { layerGroups, scaleAxes } from '../../../../src/core/assignment/layerGroups';
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
    expect(scaleAxes({ dims, channelAxis: null, consumers: consumers('MatMul') })).toEqual([]);
    expect(scaleAxes({ dims, channelAxis: 2, consumers: consumers('MatMul', 'MatMul') })).toEqual([0, 2]);
    expect(scaleAxes({ dims, channelAxis: 1, consumers: consumers('LSTM') })).toEqual([0, 1]);
    expect(scaleAxes({ dims, channelAxis: 0, consumers: consumers('Conv') })).toEqual([0]);
    expect(scaleAxes({ dims, channelAxis: 0, consumers: consumers('MatMul') })).toEqual([0]);
    expect(scaleAxes({ dims, channelAxis: 1, consumers: consumers('MatMul', 'Conv') })).toEqual([1]);
  });
});

describe('gather and scatter', () => {
  it('take a group out in stored order and put its codes back', () => {
    for (const weight of GROUPED_WEIGHTS) {
      const groups = layerGroups(layerOf(weight), weight.granularity);
      const values = Float32Array.from({ length: weight.dims.reduce((a, b) => a * b, 1) }, (_, i) => i % 251);
      const codes = new Uint8Array(values.length);
      const into = new Float32Array(largestGroup(groups));
      for (let group = 0; group < weight.groups; group++) {
        const length = gather(values, groups, group, into);
        expect([...into.subarray(0, length)]).toEqual([...values].filter((_, i) => weight.groupOf(i) === group));
        scatter(Uint8Array.from(into), groups, group, codes);
      }
      expect([...codes]).toEqual([...values]);
    }
  });
});
