import type { Job } from './job';
import { sqnrDb } from './metrics/errorMeasures';
import type { ErrorSums } from './metrics/errorSums';
import { gainDb, type ErrorPair } from './metrics/gain';
import type { FloatArray } from './onnx/dataType';
import type { Layer } from './onnx/layer';
import { METHODS, nearestSettings, scopeOf, type LayerSettings } from './plan/layerSettings';
import type { QuantizeContext } from './quantizeGroup';
import type { QuantizableLayer } from './layerQuantizer';
import { quantizeLayer } from './quantizeLayer';

/** The method that loses least on a layer, at the width and granularity asked for. */
export interface BestMethod extends ErrorPair {
  settings: LayerSettings;
  sqnrDb: number;
  /** SQNR over that of the uniform quantizer; 0 where none beats it. */
  gainDb: number;
  /** Whether the tensor shares one codebook though channels or blocks were to have one each: the method takes nothing else. */
  perTensor: boolean;
}

/** What a bit a weight is worth: halving a uniform step takes this much off the error. */
const DB_PER_BIT = 20 * Math.log10(2);
/** A method that takes more than this above the uniform quantizer's is not tried: it will not win it back. */
const MOST_BITS_MORE = 2;
/** Less is no gain: nobody would see it, and a search that ends elsewhere may make it. */
const TIE_DB = 0.01;

/**
 * Tries every method on a layer and takes the one of least squared error; ties go to the first of `METHODS`, uniform before
 * all others. A method that takes no granularity but the tensor is tried per tensor.
 *
 * Methods are compared at equal size. Some store levels for each codebook, which counts: a method has to win 6.02 dB for each
 * bit a weight that it takes more than the uniform quantizer. One that takes more than two, or that does not make the layer
 * smaller, is left out. The rule is ours, from the high-rate theory of uniform quantization.
 *
 * @param planned width, granularity and normalisation for all; grid and support for the uniform quantizer
 * @param bytesOf what the layer takes in a copy with these settings
 * @throws what `quantizeLayer` throws
 */
export function bestMethod(
  weights: FloatArray, layer: QuantizableLayer & Pick<Layer, 'bytes'>, planned: LayerSettings,
  bytesOf: (settings: LayerSettings) => number, { modelMoments, signal, onProgress }: Job & QuantizeContext = {},
): BestMethod {
  const measure = (settings: LayerSettings): ErrorSums => quantizeLayer(weights, layer, settings, {
    ...(modelMoments && { modelMoments }), ...(signal && { signal }),
  }).sums;

  const [uniformly, ...others] = candidates(planned);
  const uniform = measure(uniformly);
  const uniformDb = sqnrDb(uniform.signal, uniform.noise);
  const uniformBytes = bytesOf(uniformly);
  let best = { settings: uniformly, sqnrDb: uniformDb, gainDb: 0, error: uniform };
  let toBeat = TIE_DB;
  for (const [i, settings] of others.entries()) {
    onProgress?.((i + 1) / (others.length + 1));
    const bytes = bytesOf(settings);
    const bitsMore = Math.max(0, (8 * (bytes - uniformBytes)) / weights.length);
    if (bytes >= layer.bytes || bitsMore > MOST_BITS_MORE) continue;
    const error = measure(settings);
    const db = sqnrDb(error.signal, error.noise);
    const gain = gainDb(db, uniformDb);
    const netGainDb = gain - DB_PER_BIT * bitsMore;
    if (netGainDb <= toBeat) continue;
    best = { settings, sqnrDb: db, gainDb: gain, error };
    toBeat = netGainDb + TIE_DB;
  }
  return { ...best, perTensor: best.settings.granularity !== planned.granularity, uniform };
}

/** Every method that takes the width, the simplest first: per tensor where it cannot do the granularity, in its default mode. */
function candidates({ mode: _, ...settings }: LayerSettings): [uniform: LayerSettings, ...others: LayerSettings[]] {
  const planned: LayerSettings = { ...settings, rounding: 'nearest' };
  const [first, ...others] = METHODS;
  const able = others.filter((method) => scopeOf(method, planned.bits).bits.includes(planned.bits));
  return [{ ...planned, method: first }, ...able.map((method) => {
    const [mode] = scopeOf(method, planned.bits).modes;
    return { ...planned, ...nearestSettings(method, planned), method, ...(mode && { mode }) };
  })];
}
