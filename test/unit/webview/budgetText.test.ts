import { expect, it } from 'vitest';
import { budgetText } from '../../../webview/budgetText';

const header = {
  fileName: 'm.onnx', producer: '', opset: '13', layerCount: 20, parameters: 1, bytes: 1, missingFiles: [], canLocate: false, canQuantize: true,
};
const budget = { bytesBefore: 248_832, bytesAfter: 124_416, averageBits: 15.94, plannedLayers: 5, quantizedAlready: 0, worst: null };

it.each([
  [budget, '243 KB → 122 KB · 15.9 bits on average · 5 of 20 layers quantized'],
  [{ ...budget, bytesAfter: null, averageBits: null }, '243 KB → … · 5 of 20 layers quantized'],
  [{ ...budget, bytesAfter: 247_808, averageBits: 32 }, '243 KB → 242 KB · 32.0 bits on average · 5 of 20 layers quantized'],
  [{ ...budget, bytesBefore: 249_000, bytesAfter: 248_500, averageBits: 31.96 }, '243 KB (−500 bytes) · 31.96 bits on average · 5 of 20 layers quantized'],
  [{ ...budget, bytesAfter: 248_840, averageBits: 32.001 }, '243 KB (+8 bytes) · 32.001 bits on average · 5 of 20 layers quantized'],
  [{ ...budget, bytesAfter: 248_832, averageBits: 32 }, '243 KB → 243 KB · 32.0 bits on average · 5 of 20 layers quantized'],
  [{ ...budget, plannedLayers: 0 }, '243 KB · every layer stays float'],
  [{ ...budget, plannedLayers: 0, quantizedAlready: 3 }, '243 KB · 15.9 bits on average · 3 of 20 layers quantized already'],
  [{ ...budget, quantizedAlready: 3 }, '243 KB → 122 KB · 15.9 bits on average · 5 of 20 layers quantized · 3 quantized already'],
])('tells even a small change: %j', (known, text) => {
  expect(budgetText(known, header)).toBe(text);
});

it('does not call layers float that are quantized already, and is silent of layers where there are none', () => {
  const none = { ...header, canQuantize: false };
  expect(budgetText({ ...budget, plannedLayers: 0 }, none)).toBe('243 KB · no layer can be quantized');
  expect(budgetText({ ...budget, plannedLayers: 0, quantizedAlready: 20 }, none)).toBe('243 KB · 15.9 bits on average · every layer is quantized already');
  expect(budgetText(budget, { ...header, layerCount: 0 })).toBe('243 KB');
});
