import { expect, test } from 'vitest';
import { CodebookList } from '../../../../src/core/encodings/codebookList';
import type { StoredCodebook } from '../../../../src/core/quantizers/codebook';

const grid = (scale: number, kind: 'affine' | 'symmetric' = 'affine'): StoredCodebook => (
  { uniform: { kind, count: 16, scale: Math.fround(scale), offset: Math.fround(scale / 3), zeroPoint: Math.round(10 * Math.min(scale, 1)) } }
);
const unit = Float32Array.of(-1, 0.5);
const scaled = (scale: number, of: ArrayLike<number> = unit): StoredCodebook => (
  { scaled: { unit: of, scale: Math.fround(scale), offset: Math.fround(scale / 7) } }
);
const free: StoredCodebook = { levels: Float64Array.of(-0.1, 0.2) };

test.each([
  ['grids', [grid(0.1), grid(0.7), grid(1e-38)]],
  ['levels of one shape', [scaled(0.1), scaled(3)]],
  ['levels of their own', [free, { levels: Float64Array.of(1) }]],
  ['all kinds in turn', [free, grid(0.2), scaled(0.4), grid(0.1, 'symmetric'), free, grid(0.3), scaled(2, Float32Array.of(9))]],
] as [string, StoredCodebook[]][])('%s come back as they were', (_, codebooks) => {
  const list = CodebookList.of(codebooks);
  expect(list.length).toBe(codebooks.length);
  expect([...list]).toEqual(codebooks);
  expect(codebooks.map((__, group) => list.get(group))).toEqual(codebooks);
  expect([...list.map(({ uniform }) => uniform?.scale ?? 0)]).toEqual(codebooks.map(({ uniform }) => uniform?.scale ?? 0));
});
