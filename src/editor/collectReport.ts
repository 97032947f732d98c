import { basename } from 'node:path';
import { sharedGranularity } from '../core/groups/layerGroups';
import { isFloatType } from '../core/onnx/dataType';
import type { Layer } from '../core/onnx/layer';
import type { ModelReport, ReportedLayer } from '../core/report/modelReport';
import type { Outcome, QuantizeReport } from '../protocol/coreService';
import type { EvaluationState } from '../protocol/evaluationPage';
import { channelsUnknownText, skipReasonText } from '../protocol/problemText';
import type { CoreClient } from '../workers/coreClient';
import type { CallOptions } from '../workers/pooledJob';
import type { OpenedModel } from './modelHost';
import { opsetText } from './pageRows';
import { PRIORITY } from './priorities';

/** Bars of a report's small histograms. */
const BINS = 60;

/**
 * Everything a report says of the model under its plan: errors over all weights, sizes on disk, and each layer's histogram.
 * Progress counts the errors as one half, the histograms as the other. Stops at the first problem.
 */
export async function collectReport(
  core: CoreClient, fileName: string, { location, summary, planFeed }: OpenedModel, evaluation: EvaluationState | null,
  { signal, onProgress }: Required<Pick<CallOptions, 'signal' | 'onProgress'>>,
): Promise<Outcome<ModelReport>> {
  const quantized = await core.previewModel(location, planFeed.planned, planFeed.copyFormat, planFeed.tuning, {
    signal, priority: PRIORITY.asked, onProgress: (fraction) => onProgress(fraction / 2),
  });
  if (!quantized.ok) return quantized;
  const histograms = new Map<number, ReportedLayer['histogram']>();
  for (const [done, { index, dtype }] of summary.layers.entries()) {
    if (!isFloatType(dtype)) continue;
    const statistics = await core.layerStatistics(location, index, BINS, { signal, priority: PRIORITY.asked });
    if (statistics.ok) histograms.set(index, statistics.value.histogram);
    else if (signal.aborted) return statistics;
    onProgress(0.5 + (done + 1) / summary.layers.length / 2);
  }
  const { producer, bytes, parameters, opsets } = summary;
  const { size, sqnrDb, calibrationSamples, corrections } = quantized.value;
  const { calibration } = planFeed.tuning;
  return { ok: true, value: {
    model: { name: fileName, producer, opset: opsetText(opsets), bytes, parameters },
    total: { bytesAfter: size.bytesAfter, averageBits: size.averageBits, sqnrDb },
    calibration: calibration && calibrationSamples !== null ? { inputs: basename(calibration.inputs), samples: calibrationSamples } : null,
    corrections: corrections && { equalizedPairs: corrections.equalizedPairs, correctedBiases: corrections.correctedBiases },
    evaluation: evaluation && { inputs: evaluation.file, found: evaluation.text, isCurrent: evaluation.isCurrent },
    layers: reportedLayers(summary.layers, quantized.value, histograms),
  } };
}

function reportedLayers(
  layers: readonly Layer[], { layers: previews, size }: QuantizeReport, histograms: Map<number, ReportedLayer['histogram']>,
): ReportedLayer[] {
  const previewOf = new Map(previews.map((preview) => [preview.layer, preview]));
  const reasonOf = new Map(size.skipped.map(({ layer, reason }) => [layer, reason]));
  return layers.map((layer) => {
    const { index, name, scope, consumers, dims, dtype, elements, bytes } = layer;
    const preview = previewOf.get(index);
    const reason = reasonOf.get(index);
    return {
      name, scope, consumers, dims, dtype, elements, bytes,
      quantized: preview ? figuresOf(preview, layer) : null,
      note: reason !== undefined ? skipReasonText(reason) : preview && sharesAll(preview, layer) ? channelsUnknownText() : null,
      histogram: histograms.get(index) ?? null,
    };
  });
}

type Preview = QuantizeReport['layers'][number];

/** Whether one codebook is for all of a layer that the plan quantizes per channel. */
function sharesAll({ settings: { granularity } }: Preview, layer: Layer): boolean {
  return sharedGranularity(layer, granularity) !== granularity;
}

function figuresOf({ settings, bytesAfter, ...measures }: Preview, layer: Layer): ReportedLayer['quantized'] {
  const { mse, sqnrDb, predictedSqnrDb, outputSqnrDb, maxAbsError, cosine } = measures;
  const granularity = sharedGranularity(layer, settings.granularity);
  return { ...settings, granularity, mse, sqnrDb, predictedSqnrDb, outputSqnrDb, maxAbsError, cosine, bytes: bytesAfter };
}
