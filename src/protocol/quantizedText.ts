import * as l10n from '@vscode/l10n';
import type { Layer, QuantizedStorage } from '../core/onnx/layer';
import { skipReasonText } from './problemText';
import { rangeText } from './rangeText';

/** Why a layer cannot be quantized, and how its weights are stored where they are already; null when it can. */
export function obstacleText(layer: Pick<Layer, 'quantizable' | 'quantized' | 'dtype'>): string | null {
  const { quantizable, quantized } = layer;
  if (quantizable === true) return null;
  const reason = skipReasonText(quantizable.reason);
  return quantized ? `${reason}: ${storageText(layer.dtype, quantized)}` : reason;
}

/** `int8, per channel, scale 0.0012…0.031`. Where nodes compute floats of integers, the type says nothing of their bits. */
function storageText(dtype: Layer['dtype'], { bits, granularity, scale, zeroPoint }: QuantizedStorage): string {
  const named = new RegExp(`\\D${bits}(\\D|$)`).test(dtype);
  return [
    named ? dtype : l10n.t('{0} bits', bits),
    granularity && sharedText(granularity),
    scale && l10n.t('scale {0}', rangeText(scale)),
    zeroPoint && (zeroPoint.min !== 0 || zeroPoint.max !== 0) ? l10n.t('zero point {0}', rangeText(zeroPoint)) : null,
  ].filter((part) => part !== null).join(', ');
}

function sharedText(granularity: NonNullable<QuantizedStorage['granularity']>): string {
  if (granularity === 'tensor') return l10n.t('per tensor');
  if (granularity === 'channel') return l10n.t('per channel');
  return l10n.t('per block of {0}', granularity.slice('block:'.length));
}
