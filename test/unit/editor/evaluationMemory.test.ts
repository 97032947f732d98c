import { expect, test } from 'vitest';
import type { Memento, Uri } from 'vscode';
import { createEvaluationMemory } from '../../../src/editor/evaluationMemory';

const uri = (path: string): Uri => ({ toString: () => `file://${path}` }) as Uri;

/** What VS Code keeps from one window to the next: JSON. */
function storage(kept = new Map<string, string>()): Memento {
  return {
    keys: () => [...kept.keys()],
    get: (key: string): unknown => JSON.parse(kept.get(key) ?? 'null'),
    update: async (key: string, value: unknown) => void kept.set(key, JSON.stringify(value)),
  } as Memento;
}

test('the next window knows what each model was last evaluated on, and how that was read', () => {
  const kept = storage();
  const memory = createEvaluationMemory(kept);
  memory.keep(uri('/a.onnx'), { file: '/x.npy' });
  memory.keep(uri('/b.onnx'), { file: '/y.npy' });
  const inputs = { file: '/x.idx', labels: '/l.idx', scale: 1, layout: 'nhwc' } as const;
  memory.keep(uri('/a.onnx'), inputs);
  const next = createEvaluationMemory(kept);
  expect(['/a.onnx', '/b.onnx', '/c.onnx'].map((path) => next.recall(uri(path)))).toEqual([inputs, { file: '/y.npy' }, null]);
});

test('models are forgotten that were evaluated long before others', () => {
  const memory = createEvaluationMemory(storage());
  for (let i = 0; i <= 50; i++) memory.keep(uri(`/${i}.onnx`), { file: `/${i}.npy` });
  expect([0, 1, 50].map((i) => memory.recall(uri(`/${i}.onnx`))?.file)).toEqual([undefined, '/1.npy', '/50.npy']);
});

test('what another version has kept is no inputs', () => {
  const kept = storage();
  void kept.update('evaluations', [{ model: 'file:///a.onnx', inputs: { file: 7 } }]);
  expect(createEvaluationMemory(kept).recall(uri('/a.onnx'))).toBe(null);
});
