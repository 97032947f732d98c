import type { BitWidth } from '../core/plan/layerSettings';

/** The name proposed for a copy: `lenet.4bit.onnx`, or `lenet.mixed.onnx` when bit widths differ. */
export function copyName(modelFileName: string, bits: readonly BitWidth[]): string {
  const stem = modelFileName.replace(/\.onnx$/i, '');
  const widths = new Set(bits);
  return `${stem}.${widths.size === 1 ? `${[...widths][0]}bit` : 'mixed'}.onnx`;
}
