import { describe, expect, it } from 'vitest';
import { groupFigures, groupLabel, groupsOf, moduleOfLayers } from '../../../webview/layerGroups';
import { tableRow } from './rows';

function modules(...layers: { name: string; node?: string; scope?: string }[]): string[] {
  return [...moduleOfLayers(layers.map((layer, index) => tableRow(index, layer).layer)).values()];
}

const named = (...names: string[]): string[] => modules(...names.map((name) => ({ name })));

describe('moduleOfLayers', () => {
  it('leads to the first numbered block of a name', () => {
    expect(named(
      'layer1.0.conv1.weight', 'layer1.0.downsample.0.weight', 'layer1.1.conv1.weight', 'layer1.1.conv2.weight',
    )).toEqual(['layer1.0', 'layer1.0', 'layer1.1', 'layer1.1']);
    expect(named('model.layers.3.mlp.up.weight', 'model.layers.3.self_attn.q.weight')).toEqual(['model.layers.3', 'model.layers.3']);
  });

  it('stops at the module around the layer where nothing is numbered, or only the layer is', () => {
    expect(named('features.0.weight', 'features.3.weight', 'head.a.weight', 'head.b.weight')).toEqual(['features', 'features', 'head', 'head']);
    expect(named('net/enc/block/conv_a/kernel:0', 'net/enc/block/conv_b/kernel:0')).toEqual(['net/enc/block', 'net/enc/block']);
  });

  it('never makes a group of one: it goes to the next module that has more, or to the others', () => {
    expect(named('net/conv2d/Conv2D/w', 'net/conv2d_1/Conv2D/w', 'net/conv2d_2/Conv2D/w')).toEqual(['net', 'net', 'net']);
    expect(named('conv1.weight', 'fc.weight', 'blocks.0.a.weight', 'blocks.0.b.weight')).toEqual(['', '', 'blocks.0', 'blocks.0']);
    expect(named('model.embed.weight', 'model.layers.0.a.weight', 'model.layers.0.b.weight')).toEqual(['', 'model.layers.0', 'model.layers.0']);
  });

  it('goes by the node where the name says nothing', () => {
    expect(modules(
      { name: 'onnx::Conv_7', node: '/layer1/layer1.0/conv1/Conv' }, { name: 'layer1.0.conv2.weight' },
      { name: 'onnx::MatMul_9', node: '/model/layers.0/q/MatMul' }, { name: 'W9', node: '/model/layers.0/k/MatMul' },
    )).toEqual(['layer1.0', 'layer1.0', 'model.layers.0', 'model.layers.0']);
    expect(modules({ name: 'a', node: '' }, { name: 'b', node: 'Conv_1' })).toEqual(['', '']);
  });

  it('keeps subgraphs apart', () => {
    expect(modules(
      { name: 'a.0.x.w' }, { name: 'a.0.y.w' }, { name: 'a.0.x.w', scope: 'If_1/then' }, { name: 'a.0.y.w', scope: 'If_1/then' },
    )).toEqual(['a.0', 'a.0', 'If_1/then › a.0', 'If_1/then › a.0']);
  });
});

describe('groupsOf', () => {
  const moduleOf = new Map([[0, 'a'], [1, 'b'], [2, 'a'], [3, ''], [4, '']]);

  it('keeps the order of modules in the model, and of layers as they come', () => {
    expect(groupsOf([4, 3, 2, 1, 0], moduleOf)).toEqual([
      { line: -1, path: 'a', layers: [2, 0] }, { line: -2, path: 'b', layers: [1] }, { line: -3, path: '', layers: [4, 3] },
    ]);
  });

  it('has only groups with layers, whose lines stay the same', () => {
    expect(groupsOf([3, 1], moduleOf)).toEqual([{ line: -2, path: 'b', layers: [1] }, { line: -3, path: '', layers: [3] }]);
    expect(groupLabel({ line: -3, path: '', layers: [3] })).toBe('Other layers');
  });
});

describe('groupFigures', () => {
  it('adds up sizes, weighs bits by weights, and finds the worst', () => {
    const first = tableRow(0, { elements: 100, bytes: 400, bits: 4, sqnrDb: 20 });
    const rows = [
      { ...first, plan: { ...first.plan!, bytesAfter: 60, output: { state: 'measured' as const, sqnrDb: 25 } }, moved: 0.1 },
      { ...tableRow(1, { elements: 300, bytes: 1200 }), moved: 0.4 },
      tableRow(2, { elements: 100, bytes: 400, bits: 8, sqnrDb: 10, note: 'it would not get smaller' }),
    ];
    expect(groupFigures(rows)).toEqual({
      weights: 500, bytesBefore: 2000, bytesAfter: 1660, averageBits: (100 * 4 + 400 * 32) / 500, worstSqnrDb: 20,
      ofNearest: false, worstOutputSqnrDb: 25, moved: 0.4,
    });
  });

  it('knows nothing of layers that were not measured, and that lossless ones have no worst', () => {
    expect(groupFigures([tableRow(0)])).toMatchObject({ worstSqnrDb: null, moved: null, averageBits: 32 });
    expect(groupFigures([tableRow(0, { bits: 8, mse: 0 })]).worstSqnrDb).toBe(Infinity);
    expect(groupFigures([]).averageBits).toBeNull();
  });

  it('takes bits of layers that are quantized already from how they are stored', () => {
    const quantized = { bits: 3, granularity: null, scale: null, zeroPoint: null };
    expect(groupFigures([tableRow(0, { reason: 'quantized already', quantized, bytes: 16 })]).averageBits).toBe(3);
  });
});
