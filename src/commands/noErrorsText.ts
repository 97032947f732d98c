import * as l10n from '@vscode/l10n';
import type { Layer } from '../core/onnx/layer';

/** Why no layer has an error to list. */
export function noErrorsText(layers: readonly Layer[]): string {
  const already = layers.length > 0 && layers.every(({ quantized }) => quantized);
  return already
    ? l10n.t('All layers are quantized already. Compare the model with the one in float to see their error.')
    : l10n.t('The plan quantizes no layer yet. Set the bit width of some layers, or of all.');
}
