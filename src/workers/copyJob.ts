import type { CopyFormat } from '../core/encodings/copyFormat';
import type { SkipReason } from '../core/encodings/copySize';
import type { Job } from '../core/job';
import type { ErrorSums } from '../core/metrics/errorSums';
import { planCopy, type CopyPlan } from '../core/onnx/planCopy';
import type { LayerSettings, PlannedLayer } from '../core/plan/layerSettings';
import type { Tuning } from '../core/plan/plan';
import type { Quantize } from '../core/onnx/writeCopy';
import type { LayerCodebooks } from '../core/layerQuantizer';
import type { QuantizedLayer } from '../core/quantizeLayer';
import type { LayerPreview, QuantizeReport } from '../protocol/coreService';
import { calibrationOf } from './calibrateModel';
import { previewOf, quantizePlanned, streamPlanned, totalSqnrDb } from './layerPreview';
import type { OpenModel } from './modelCache';
import { tuneCopy } from './tuneCopy';

/** What a copy is made of besides the planned layers. */
export interface CopyParts {
  name: string;
  format: CopyFormat;
  tuning: Tuning;
  /** Layers whose weights cannot be quantized, as far as known. */
  unusable: ReadonlyMap<number, SkipReason>;
}

/** A copy's layers, each quantized when it is asked for. */
export interface CopyJob {
  plan: CopyPlan;
  /** A layer as the copy has it. */
  quantized: (layer: { index: number }, settings: LayerSettings) => QuantizedLayer;
  /** The same as it is written, and reported once it is. */
  quantize: Quantize;
  /** What was quantized so far. */
  done: () => QuantizedLayers;
  /** Of these layers and others of the copy that another worker has quantized. */
  report: (others?: QuantizedLayers) => QuantizeReport;
}

/** What is told of layers that were quantized, with the sums of each. */
export interface QuantizedLayers {
  layers: LayerPreview[];
  sums: ErrorSums[];
}

/** Plans a copy, and calibrates the layers that it quantizes. */
export async function copyJob(
  model: OpenModel, planned: PlannedLayer[], { name, format, tuning, unusable }: CopyParts, job: Job,
): Promise<CopyJob> {
  const { signal } = job;
  const calibration = calibrationOf(model, planned, tuning, signal);
  const options = { format, unusable };
  // Which biases change follows from the layers that a copy quantizes, and its size from both.
  const tuned = tuneCopy(model, planCopy(model.index, calibration.planned, name, options).layers, tuning, signal);
  const constants = [...tuned.biases.values()].map(({ constant }) => constant);
  const plan = planCopy(model.index, calibration.planned, name, { ...options, constants });
  const calibrated = await calibration.run(plan.layers.map(({ layer, settings }) => ({ layer: layer.index, settings })), tuned, job);
  const bytesAfter = new Map(plan.size.layers.map((layer) => [layer.layer, layer.bytesAfter]));
  const own: QuantizedLayers = { layers: [], sums: [] };
  const quantized: CopyJob['quantized'] = ({ index: layer }, settings) => (
    calibrated.quantized.get(layer) ?? quantizePlanned(model, { layer, settings }, signal, tuned.equalized)
  );
  const uncalibrated = plan.layers.flatMap(({ layer: { index, name } }) => {
    const reason = calibration.reasons.get(index);
    return reason === undefined ? [] : [{ layer: index, name, reason }];
  });
  return {
    plan,
    quantized,
    quantize({ index: layer }, settings) {
      const done = (codebooks: LayerCodebooks): void => {
        own.layers.push(previewOf(model, { layer, settings }, codebooks, bytesAfter.get(layer)!, calibrated.outputs.get(layer)));
        own.sums.push(codebooks.sums);
      };
      if (!calibrated.quantized.has(layer) && !tuned.equalized.has(layer)) return streamPlanned(model, { layer, settings }, signal, done);
      const result = quantized({ index: layer }, settings);
      done(result);
      return result;
    },
    done: () => own,
    report(others = { layers: [], sums: [] }) {
      const { layers, sums } = inOrder([own, others]);
      return {
        format, layers, size: plan.size, sqnrDb: totalSqnrDb(sums), calibration: calibrated.inputs, uncalibrated,
        corrections: tuned.corrections, outputs: [], verified: null,
      };
    },
  };
}

/** By layer, whatever lies first in the file and whoever quantized it, so that sums do not depend on that. */
function inOrder(parts: readonly QuantizedLayers[]): QuantizedLayers {
  const all = parts
    .flatMap(({ layers, sums }) => layers.map((layer, i) => ({ layer, sums: sums[i]! })))
    .sort((a, b) => a.layer.layer - b.layer.layer);
  return { layers: all.map(({ layer }) => layer), sums: all.map(({ sums }) => sums) };
}
