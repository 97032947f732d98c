import { expect, test } from 'vitest';
import { matchLayers, type LayerMatch } from '../../../../src/core/compare/matchLayers';
import type { Layer } from '../../../../src/core/onnx/layer';

function layer(index: number, name: string, node: string, dims: number[], extra: Partial<Layer> = {}): Layer {
  const elements = dims.reduce((product, dim) => product * dim, 1);
  return {
    index, name, scope: '', consumers: [{ op: 'MatMul', node, input: 1 }], dims, dtype: 'float32', elements, bytes: 4 * elements,
    channelAxis: 1, storage: { file: 'm.onnx', offset: 0, length: 0, form: 'raw' }, quantizable: true, tensor: index, ...extra,
  };
}

/** `a=b by rule` for pairs, `a` or `b` alone for the rest. */
function told({ pairs, onlyA, onlyB }: LayerMatch): string[] {
  return [
    ...pairs.map(({ a, b, matchedBy }) => `${a.name}=${b.name} by ${matchedBy}`),
    ...onlyA.map(({ name }) => `A:${name}`), ...onlyB.map(({ name }) => `B:${name}`),
  ];
}

test('names go first, whatever the order', () => {
  const a = [layer(0, 'w1', 'n1', [4, 4]), layer(1, 'w2', 'n2', [4, 4])];
  const b = [layer(0, 'w2', 'x', [4, 4]), layer(1, 'w1', 'y', [4, 4])];
  expect(told(matchLayers(a, b))).toEqual(['w1=w1 by name', 'w2=w2 by name']);
});

test('a name stands for its scope too', () => {
  const a = [layer(0, 'w', 'n1', [4, 4]), layer(1, 'w', 'n2', [4, 4], { scope: 'If.then' })];
  const b = [layer(0, 'w', 'n2', [4, 4], { scope: 'If.then' }), layer(1, 'w', 'n1', [4, 4])];
  expect(matchLayers(a, b).pairs.map((pair) => [pair.a.index, pair.b.index])).toEqual([[0, 1], [1, 0]]);
});

test('renamed layers are found by the node that uses them', () => {
  const a = [layer(0, 'w1', '/fc1/MatMul', [4, 4]), layer(1, 'w2', '/fc2/MatMul', [4, 4])];
  const b = [layer(0, 'u', '/fc2/MatMul', [4, 4]), layer(1, 'v', '/fc1/MatMul', [4, 4])];
  expect(told(matchLayers(a, b))).toEqual(['w1=v by consumer', 'w2=u by consumer']);
});

test('numbered names that moved on to other layers yield to the nodes', () => {
  const a = [layer(0, 'onnx::MatMul_10', '/fc1', [4, 4]), layer(1, 'onnx::MatMul_11', '/fc2', [4, 8])];
  const b = [layer(0, 'onnx::MatMul_9', '/fc1', [4, 4]), layer(1, 'onnx::MatMul_10', '/fc2', [4, 8])];
  expect(told(matchLayers(a, b))).toEqual([
    'onnx::MatMul_10=onnx::MatMul_9 by consumer', 'onnx::MatMul_11=onnx::MatMul_10 by consumer',
  ]);
});

test('a layer of another shape under the same name is the same layer', () => {
  expect(told(matchLayers([layer(0, 'fc', 'n1', [4, 4])], [layer(0, 'fc', 'n2', [8, 8])]))).toEqual(['fc=fc by name']);
});

test('layers renamed altogether go by shape and order, unless their numbers differ', () => {
  const a = [layer(0, 'a', 'n1', [4, 4]), layer(1, 'b', 'n2', [2, 4]), layer(2, 'c', 'n3', [4, 4]), layer(3, 'd', 'n4', [9, 9])];
  const b = [layer(0, 'p', 'm1', [4, 4]), layer(1, 'q', 'm2', [2, 4]), layer(2, 'r', 'm3', [2, 4]), layer(3, 's', 'm4', [4, 4])];
  expect(told(matchLayers(a, b))).toEqual(['a=p by order', 'c=s by order', 'A:b', 'A:d', 'B:q', 'B:r']);
});

test('a node that uses several layers decides nothing between them', () => {
  const consumer = { op: 'MatMul', node: 'n', input: 1 };
  const shared = (index: number, name: string): Layer => layer(index, name, 'n', [4, 4], { consumers: [consumer] });
  expect(told(matchLayers([shared(0, 'a'), layer(1, 'b', 'n', [5, 5])], [shared(0, 'p')]))).toEqual(['a=p by order', 'A:b']);
});
