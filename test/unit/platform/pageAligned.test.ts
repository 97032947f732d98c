import { afterEach, expect, test, vi } from 'vitest';
import { pageAligned } from '../../../src/platform/pageAligned';

const { WebAssembly } = globalThis as unknown as { WebAssembly: { Memory: new () => object } };
const BYTES = 128 * 1024;

afterEach(() => vi.restoreAllMocks());

test('is as long as is asked for', () => {
  expect(pageAligned(BYTES)).toHaveLength(BYTES);
});

test('is an array where memory of WebAssembly is refused', () => {
  const memory = vi.spyOn(WebAssembly, 'Memory').mockImplementation(function refuse() {
    throw new RangeError('could not allocate memory');
  });
  expect(pageAligned(BYTES)).toHaveLength(BYTES);
  expect(memory).toHaveBeenCalledOnce();
});
