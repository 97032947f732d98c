import { describe, expect, test } from 'vitest';
import type { Layer } from '../../../src/core/onnx/layer';
import { findLayer, treeLines, TreeLine } from '../../../src/views/treeLine';
import { layerOf } from '../editor/fakeCore';

const named = (names: string[], scope = ''): Layer[] => names.map((name, index) => layerOf(index, { name, scope }));

/** A group as its label and lines, a layer as its label. */
type Lines = (string | [string, Lines])[];

function linesOf(lines: readonly TreeLine[]): Lines {
  return lines.map((line) => (line.isGroup ? [line.label, linesOf(line.children)] : line.label));
}

const leavesOf = (lines: readonly TreeLine[]): TreeLine[] => (
  lines.flatMap((line) => (line.isGroup ? leavesOf(line.children) : [line]))
);

describe('layers are grouped', () => {
  test.each<[string, string[], Lines]>([
    ['by dots', ['layer1.0.conv1.weight', 'layer1.0.conv2.weight', 'layer1.1.conv1.weight', 'fc.weight'],
      [['layer1', [['0', ['conv1.weight', 'conv2.weight']], '1.conv1.weight']], 'fc.weight']],
    ['by slashes, a leading one included', ['/model/a/W', '/model/b/W', '/head/W'], [['model', ['a/W', 'b/W']], 'head/W']],
    ['with groups of nothing but a group joined', ['a.b.c.x', 'a.b.c.y'], [['a.b.c', ['x', 'y']]]],
    ['where a name is the beginning of another', ['conv', 'conv.weight', 'conv.bias'], ['conv', ['conv', ['weight', 'bias']]]],
    ['not at all when their names have no parts', ['w1', 'w2'], ['w1', 'w2']],
    ['whatever characters names are made of', ['', '...', 'a.', 'a.b.', 'a.c'], ['', '...', 'a.', ['a', ['b.', 'c']]]],
  ])('%s', (_, names, lines) => expect(linesOf(treeLines(named(names)))).toEqual(lines));

  test('by the scope they are stored in', () => {
    const scope = 'If_1/then_branch';
    const layers = [...named(['w']), layerOf(1, { name: 'w', scope }), layerOf(2, { name: 'v', scope })];
    expect(linesOf(treeLines(layers))).toEqual(['w', ['If_1/then_branch', ['w', 'v']]]);
  });
});

describe('ten thousand layers', () => {
  const layers = named(Array.from({ length: 10_000 }, (_, index) => `w${index}`));
  const lines = treeLines(layers);

  test('without parts in their names are grouped into runs', () => {
    expect(lines).toHaveLength(20);
    expect(lines[1]!.label).toBe('w500 … w999');
    expect(lines.map(({ children }) => children.length)).toEqual(new Array(20).fill(500));
  });

  test('are all there once, each with an id of its own', () => {
    const leaves = leavesOf(lines);
    expect(leaves.map(({ layers: [layer] }) => layer!.index)).toEqual(layers.map(({ index }) => index));
    expect(new Set([...leaves, ...lines].map(({ id }) => id)).size).toBe(10_020);
  });

  test('are found with the groups above them', () => {
    const found = findLayer(lines, layers[7777]!);
    expect([found?.label, found?.parent]).toEqual(['w7777', lines[15]]);
    expect(findLayer(lines, layerOf(3))).toBeUndefined();
  });
});

test('a group is divided only when it is opened', () => {
  let divisions = 0;
  const line = new TreeLine({ id: 'g', label: 'g', parent: null, layers: [] }, () => {
    divisions++;
    return [];
  });
  expect(divisions).toBe(0);
  expect([line.children, line.children, divisions]).toEqual([[], [], 1]);
});
