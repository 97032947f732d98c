import { throwIfCancelled } from '../job';
import { sqnrDb } from '../metrics/errorMeasures';
import type { FloatType } from '../onnx/dataType';
import type { LayerSettings } from '../plan/layerSettings';
import { noTotals, quantizeGroup, type QuantizeContext } from '../quantizeGroup';
import type { LayerSample } from './layerSample';

/** One setting tried on a layer. */
export interface TriedSettings {
  settings: LayerSettings;
  sqnrDb: number;
  predictedSqnrDb: number;
  /** Of the layer's outputs, where what it is multiplied by was given. */
  outputSqnrDb?: number;
  /** A copy would leave the layer as it is: codes and levels take as much as its weights. */
  notSmaller?: true;
}

/**
 * What settings come to on a sample of their own granularity.
 * @param dtype of the layer
 * @throws CoreError `cancelled`
 */
export function tried(sample: LayerSample, settings: LayerSettings, dtype: FloatType, context: QuantizeContext): TriedSettings {
  const totals = noTotals();
  const codes = new Uint8Array(Math.max(...sample.groups.map(({ weights }) => weights.length)));
  for (const group of sample.groups) {
    throwIfCancelled(context.signal);
    quantizeGroup(group, settings, dtype, codes.subarray(0, group.weights.length), totals, context);
  }
  const { sums, predicted } = totals;
  return { settings, sqnrDb: sqnrDb(sums.signal, sums.noise), predictedSqnrDb: sqnrDb(predicted.signal, predicted.noise) };
}
