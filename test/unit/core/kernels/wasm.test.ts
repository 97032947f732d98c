import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compile } from '../../../../kernels';
import { kernels } from '../../../../src/core/kernels/instance';

test('the WebAssembly that is committed is that of the source', async () => {
  const committed = readFileSync(join(__dirname, '../../../../src/core/kernels/wasm.ts'), 'utf8');
  expect(committed).toBe(await compile());
});

test('the kernels run here', () => {
  expect(kernels()).not.toBeNull();
});
