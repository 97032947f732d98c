import { expect, test } from 'vitest';
import { memoryFiles } from '../../../../src/core/bytes/memorySource';
import { indexModel } from '../../../../src/core/onnx/indexModel';
import { layerNodes } from '../../../../src/core/onnx/layerNodes';
import { buildModel, laplacian } from '../../../fixtures/modelBuilder';
import { problemOf } from '../../../fixtures/problemOf';

const branch = { name: 'then', nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['t'], name: 'inner' }], outputs: [{ name: 't', dims: [1] }] };
const big = { name: 'big', dims: [32, 1024], data: laplacian(32 * 1024, 2) };
const files = memoryFiles('m.onnx', buildModel({
  inputs: [{ name: 'x', dims: [1, 4] }],
  outputs: [{ name: 'y', dims: [1, 4] }],
  initializers: [{ name: 'w', dims: [4, 4], data: laplacian(16, 1) }],
  nodes: [
    {
      op: 'Gemm', inputs: ['x', 'w', '', 'b'], outputs: ['h'], name: 'fc',
      attributes: {
        alpha: { float: 0.1 }, transB: 1, pads: [0, 1, 2], auto_pad: 'SAME_UPPER', scales: { floats: [0.5, -2] },
        small: { tensor: { name: 'k', dims: [2, 3], data: [1, 2, 3, 4, 5, 6] } }, large: { tensor: big }, body: { graph: branch },
        many: Array.from({ length: 100 }, (_, i) => i),
      },
    },
    { op: 'If', inputs: ['c'], outputs: ['y'], name: 'choose', attributes: { then_branch: { graph: branch } } },
  ],
}).model);
const index = indexModel(files, 'm.onnx');
const [layer] = index.layers;

test('every consumer is told with its names and scope', () => {
  const nodes = layerNodes(files.main, index, layer!, 10);
  expect(nodes.map(({ op, name, input, inputs, outputs, scope }) => [op, name, input, inputs, outputs, scope])).toEqual([
    ['Gemm', 'fc', 1, ['x', 'w', '', 'b'], ['h'], ''],
    ['MatMul', 'inner', 1, ['x', 'w'], ['t'], 'fc.body'],
    ['MatMul', 'inner', 1, ['x', 'w'], ['t'], 'choose.then_branch'],
  ]);
  expect(nodes).toHaveLength(layer!.consumers.length);
  expect(layerNodes(files.main, index, layer!, 2)).toEqual(nodes.slice(0, 2));
});

test('attributes are text, tensors and graphs by what they are, however long', () => {
  const [gemm] = layerNodes(files.main, index, layer!, 1);
  const value = (name: string): string | undefined => gemm!.attributes.find((attribute) => attribute.name === name)?.value;
  expect(value('alpha')).toBe('0.1');
  expect(value('transB')).toBe('1');
  expect(value('pads')).toBe('[0, 1, 2]');
  expect(value('auto_pad')).toBe('"SAME_UPPER"');
  expect(value('scales')).toBe('[0.5, -2]');
  expect(value('small')).toBe('tensor float32 [2, 3]');
  expect(value('large')).toBe('tensor float32 [32, 1024]');
  expect(value('body')).toBe('graph (1 nodes)');
  expect(value('many')).toMatch(/ 63, … 100\]$/);
});

test('a cancelled call stops', () => {
  expect(problemOf(() => layerNodes(files.main, index, layer!, 1, { aborted: true })).code).toBe('cancelled');
});
