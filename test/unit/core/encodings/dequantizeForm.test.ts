import { describe, expect, it } from 'vitest';
import type { FormatObstacle } from '../../../../src/core/encodings/copyFormat';
import { dequantizeForm } from '../../../../src/core/encodings/dequantizeForm';
import { completeSettings, type PartialSettings } from '../../../../src/core/plan/layerSettings';
import type { FixtureNode } from '../../../fixtures/modelBuilder';
import { GROUPED_WEIGHTS, layerOf } from './groupedWeights';
import { containerOf, CONV, formatsOf, MATMUL, modelOf, proto, qdqCopy } from './qdqModels';

describe('the container of codes', () => {
  it.each([
    [10, { bits: 2, grid: 'symmetric' }, 'int8'], [10, { bits: 8, grid: 'affine' }, 'uint8'],
    [20, { bits: 4, grid: 'symmetric' }, 'int8'], [21, { bits: 4, grid: 'symmetric' }, 'int4'],
    [21, { bits: 4, grid: 'affine' }, 'uint4'], [21, { bits: 5, grid: 'affine' }, 'uint8'],
    [21, { bits: 2, grid: 'symmetric' }, 'int4'], [25, { bits: 2, grid: 'symmetric' }, 'int2'],
    [25, { bits: 2, grid: 'affine' }, 'uint2'], [25, { bits: 3, grid: 'symmetric' }, 'int4'],
    [21, { bits: 2, grid: 'mid-rise' }, 'int4'], [21, { bits: 3, grid: 'mid-rise' }, 'int4'],
    [21, { bits: 4, grid: 'mid-rise' }, 'int8'], [13, { bits: 7, grid: 'mid-rise' }, 'int8'],
    [21, { method: 'sptq', bits: 2 }, 'int4'], [21, { method: 'msptq', bits: 5 }, 'int8'],
    [21, { method: 'n2uq', mode: 'published', bits: 3 }, 'int4'],
  ] as [number, PartialSettings, string][])('is the narrowest that opset %i has: %j in %s', (opset, settings, container) => {
    const copy = qdqCopy(modelOf(MATMUL, opset), { granularity: 'tensor', ...settings });
    expect(formatsOf(copy)).toEqual(['qdq']);
    expect(containerOf(copy)).toBe(container);
  });

  it('takes its real bytes in the promised size', () => {
    const bytes = [13, 21].map((opset) => qdqCopy(modelOf(MATMUL, opset), { bits: 4 }).plan.size.layers[0]!.bytesAfter);
    expect(bytes[0]! - bytes[1]!).toBe(96 * 44 / 2);
  });

  it('is never of 2 bits before a matrix product whose output channels are no multiple of 4', () => {
    const products: [FixtureNode, number[]][] = [
      [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }, [64, 45]],
      [{ op: 'Gemm', inputs: ['x', 'w'], outputs: ['y'] }, [64, 46]],
      [{ op: 'Gemm', inputs: ['x', 'w'], outputs: ['y'], attributes: { transB: 1 } }, [47, 64]],
    ];
    for (const [node, dims] of products) {
      expect(containerOf(qdqCopy(modelOf({ node, dims }, 25), { bits: 2, grid: 'symmetric' }))).toBe('int4');
    }
    expect(containerOf(qdqCopy(modelOf(CONV, 25), { bits: 2, grid: 'symmetric' }))).toBe('int2');
  });

  it('raises the IR version to that of its type, and never the opset', () => {
    const versions = (opset: number, bits: 2 | 4 | 8): unknown[] => {
      const { irVersion, opsetImport } = proto(qdqCopy(modelOf(MATMUL, opset), { bits, grid: 'symmetric' }));
      return [Number(irVersion), Number(opsetImport![0]!.version)];
    };
    expect([versions(13, 4), versions(21, 8), versions(21, 4), versions(25, 2)]).toEqual([[7, 13], [7, 21], [10, 21], [13, 25]]);
  });
});

describe('dequantizeForm', () => {
  it.each([
    [21, { normalize: 'layer' }, 'mean'],
    [21, { method: 'lloyd-max', bits: 4 }, 'levels-of-its-own'],
    [21, { method: 'subset', bits: 4 }, 'levels-of-its-own'],
    [21, { method: 'apot', bits: 4 }, 'levels-of-its-own'],
    [21, { bits: 8, grid: 'mid-rise' }, 'too-many-levels'],
    [21, { method: 'sptq', bits: 6 }, 'too-many-levels'],
    [9, { granularity: 'tensor' }, 'opset-too-old'],
    [12, { granularity: 'channel' }, 'opset-too-old'],
    [20, { granularity: 'block:32' }, 'opset-too-old'],
  ] as [number, PartialSettings, FormatObstacle][])('at opset %i does not store %j: %s', (opset, settings, obstacle) => {
    const copy = qdqCopy(modelOf(MATMUL, opset), settings);
    expect(copy.plan.size.layers).toMatchObject([{ format: 'exact', obstacle }]);
  });

  it('says what axis and block each weight has, or that there is none', () => {
    const shapes = GROUPED_WEIGHTS.map((weight) => {
      const { form, obstacle } = dequantizeForm(layerOf(weight), completeSettings({ granularity: weight.granularity }), 21);
      return form ? [form.attributes.axis, form.attributes.block_size, form.scaleDims.join()] : obstacle;
    });
    const tensor = [undefined, undefined, ''];
    expect(shapes).toEqual([
      tensor, [0, undefined, '6'], [1, undefined, '3'], tensor, tensor,
      [2, 7, '2,8,1'], [1, undefined, '6'], [2, 16, '2,3,3'],
      [1, 10, '3,1,4'], [2, 4, '3,10,1'], [1, 16, '2,3,3'],
      [0, 16, '4,5'], [0, 16, '5,5'], [1, 32, '5,2'], [1, 32, '5,3'],
      'groups', 'groups', [0, undefined, '6'], [0, 16, '3,3,2,2'],
      'groups', [0, undefined, '4'], [2, 6, '4,3,1'], 'groups', 'groups', 'groups', 'groups',
    ]);
  });
});
