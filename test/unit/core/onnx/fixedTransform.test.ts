import { expect, test } from 'vitest';
import { isFixedTransform } from '../../../../src/core/onnx/fixedTransform';

const conv = [{ op: 'Conv', node: 'n', input: 1 }];
const matMul = [{ op: 'MatMul', node: 'n', input: 1 }];

test.each([
  ['stft.forward_basis_buffer', [258, 1, 256], conv, true],
  ['mel_basis', [80, 201], matMul, true],
  ['const_fold_opt__664', [36, 1, 1, 256], conv, true],
  ['encoder.melody.weight', [80, 201], matMul, false],
  ['conv1.weight', [64, 1, 5, 5], conv, false],
  ['depthwise.weight', [64, 1, 3, 3], conv, false],
  ['conv1.weight', [64, 1, 80, 80], conv, false],
  ['layer.weight', [36, 1, 256], matMul, false],
  ['layer.weight', [36, 2, 256], conv, false],
] as const)('%s %j', (name, dims, consumers, fixed) => {
  expect(isFixedTransform(name, dims, [...consumers])).toBe(fixed);
});
