import { expect, test } from 'vitest';
import { replaceFiles } from '../../../src/editor/replaceFiles';
import type { Outcome } from '../../../src/protocol/coreService';

/** A folder in which `existing` files stand: the first one not agreed to stops the writing, as the core does. */
function folder(existing: string[]) {
  const written: (readonly string[])[] = [];
  const write = async (force: readonly string[]): Promise<Outcome<string>> => {
    const file = existing.find((path) => !force.includes(path));
    if (file !== undefined) return { ok: false, problem: { code: 'target-exists', place: { file }, detail: {} } };
    written.push(force);
    return { ok: true, value: 'written' };
  };
  return { write, written };
}

test('what was agreed to is replaced without another question', async () => {
  const { write } = folder(['/f/zz.onnx']);
  const confirm = () => Promise.reject(new Error('asked'));
  expect(await replaceFiles(['/f/zz.onnx'], write, confirm)).toEqual({ ok: true, value: 'written' });
});

test('external data in the way is asked about by its name, and only then replaced', async () => {
  const { write, written } = folder(['/f/zz.onnx', '/f/zz.onnx.data']);
  const asked: string[] = [];
  const confirm = async (name: string) => {
    expect(written).toEqual([]);
    asked.push(name);
    return true;
  };
  expect((await replaceFiles(['/f/zz.onnx'], write, confirm)).ok).toBe(true);
  expect([asked, written]).toEqual([['zz.onnx.data'], [['/f/zz.onnx', '/f/zz.onnx.data']]]);
});

test('a no writes nothing and counts as cancelled', async () => {
  const { write, written } = folder(['/f/zz.onnx.data']);
  expect(await replaceFiles(['/f/zz.onnx'], write, async () => false)).toMatchObject({ ok: false, problem: { code: 'cancelled' } });
  expect(written).toEqual([]);
});

test('any other problem is passed on without a question', async () => {
  const problem = { code: 'write-failed' as const, place: { file: '/f/zz.onnx' }, detail: {} };
  const confirm = () => Promise.reject(new Error('asked'));
  expect(await replaceFiles([], async () => ({ ok: false, problem }), confirm)).toEqual({ ok: false, problem });
});
