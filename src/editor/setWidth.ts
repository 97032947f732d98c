import * as l10n from '@vscode/l10n';
import type { Layer } from '../core/onnx/layer';
import type { BitWidth } from '../core/plan/layerSettings';
import { notifications } from '../notifications';
import type { ModelDocument } from './modelDocument';

/** Sets the bit width of the layers whose quantizer takes it, and says how many others there are. */
export function setWidth(document: ModelDocument, layers: readonly Layer[], bits: BitWidth): void {
  const refused = document.setBits(layers, bits);
  if (refused.length === 0) return;
  void notifications.showInformationMessage(l10n.t(
    '{0} bits do not go with the planned quantizer of {1} of {2} layers. These stay as they are.', bits, refused.length, layers.length,
  ));
}
