import { CoreError } from '../core/errors';
import { throwIfCancelled, type CancelSignal } from '../core/job';
import type { Layer } from '../core/onnx/layer';
import { passingChunks } from '../core/onnx/weights';
import { dequantized, type QuantizedLayer } from '../core/quantizeLayer';
import type { OpenModel } from './modelCache';
import { tensorOf } from './modelWeights';

/** Parts of the error, and of the weights' own squares, that sums in another order may differ by. */
const ROUNDING = { noise: 1e-6, signal: 1e-12 };

/**
 * The weights a copy will hold, once their error has been found to be what is reported. The source is read in order for that,
 * which is not how all layers are read when they are quantized: a weight in the wrong place would show.
 * @param file the copy's, for messages
 * @throws CoreError `verification-failed`; `cancelled`, and what reading throws
 */
export function checkedWeights(
  model: OpenModel, layer: Layer, quantized: QuantizedLayer, file: string, signal?: CancelSignal,
): Float32Array {
  const values = dequantized(quantized, signal);
  let noise = 0;
  let at = 0;
  for (const weights of passingChunks(model.files, tensorOf(model.index, layer), signal)) {
    throwIfCancelled(signal);
    for (let i = 0; i < weights.length; i++) noise += (weights[i]! - values[at + i]!) ** 2;
    at += weights.length;
  }
  const { sums } = quantized;
  if (Math.abs(noise - sums.noise) <= ROUNDING.noise * sums.noise + ROUNDING.signal * sums.signal) return values;
  throw new CoreError('verification-failed', { file, tensor: layer.name }, { message: `squared error ${noise}, not ${sums.noise}` });
}
