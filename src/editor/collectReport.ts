import { basename } from 'node:path';
import type { CopyFormat } from '../core/encodings/copyFormat';
import { sharedGranularity } from '../core/groups/layerGroups';
import { isFloatType } from '../core/onnx/dataType';
import type { Layer } from '../core/onnx/layer';
import type { Tuning } from '../core/plan/plan';
import type { ModelReport, NamedLayer, QuantizedFigures, ReportedLayer } from '../core/report/modelReport';
import type { LayerPreview, Outcome, QuantizeReport } from '../protocol/coreService';
import { readingText } from '../protocol/readingText';
import type { CoreClient } from '../workers/coreClient';
import type { CallOptions } from '../workers/pooledJob';
import type { OpenedModel } from './modelHost';
import { opsetText } from './pageRows';
import { PRIORITY } from './priorities';
import { reportNotes } from './reportNotes';

/** Bars of a report's small histograms. */
const BINS = 60;

/** A report but for what is known without measuring. */
export type MeasuredReport = Omit<ModelReport, 'quantscope' | 'plan' | 'evaluation'>;

/** What a report is of. */
export interface ReportedModel extends Pick<OpenedModel, 'location' | 'summary'> {
  planFeed: Pick<OpenedModel['planFeed'], 'planned' | 'copyFormat' | 'tuning'>;
}

/**
 * What a report says of the model under its plan: errors over all weights, sizes on disk, and each layer's histogram.
 * Progress counts the errors as one half, the histograms as the other. Stops at the first problem.
 */
export async function collectReport(
  core: CoreClient, fileName: string, { location, summary, planFeed }: ReportedModel,
  { signal, onProgress }: Required<Pick<CallOptions, 'signal' | 'onProgress'>>,
): Promise<Outcome<MeasuredReport>> {
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
  const { format, size, sqnrDb, uncalibrated, corrections } = quantized.value;
  const named = <Reason>(left: { layer: number; name: string; reason: Reason }): NamedLayer<Reason> => (
    { name: left.name, scope: summary.layers[left.layer]!.scope, reason: left.reason }
  );
  return { ok: true, value: {
    model: { name: fileName, producer, opset: opsetText(opsets), bytes, parameters },
    total: { bytesBefore: size.bytesBefore, bytesAfter: size.bytesAfter, averageBits: size.averageBits, sqnrDb },
    calibration: reportedCalibration(planFeed.tuning, quantized.value),
    corrections: corrections && { ...corrections, uncorrected: corrections.uncorrected.map(named) },
    format,
    skipped: size.skipped.map(named),
    uncalibrated: uncalibrated.map(named),
    layers: reportedLayers(summary.layers, quantized.value, reportNotes(summary.layers, quantized.value, planFeed.planned), histograms),
  } };
}

function reportedCalibration({ calibration: data }: Tuning, { calibration: used }: QuantizeReport): MeasuredReport['calibration'] {
  return data && used ? { inputs: basename(data.inputs), samples: used.samples, reading: readingText(data, used.scaled) } : null;
}

function reportedLayers(
  layers: readonly Layer[], { layers: previews, size }: QuantizeReport, notes: ReadonlyMap<number, string>,
  histograms: ReadonlyMap<number, ReportedLayer['histogram']>,
): ReportedLayer[] {
  const previewOf = new Map(previews.map((preview) => [preview.layer, preview]));
  const formatOf = new Map(size.layers.map(({ layer, format }) => [layer, format]));
  return layers.map((layer) => {
    const { index, name, scope, consumers, dims, dtype, elements, bytes } = layer;
    const preview = previewOf.get(index);
    return {
      name, scope, consumers, dims, dtype, elements, bytes,
      quantized: preview ? figuresOf(preview, layer, formatOf.get(index)!) : null,
      note: notes.get(index) ?? null,
      histogram: histograms.get(index) ?? null,
    };
  });
}

function figuresOf({ settings, ...measures }: LayerPreview, layer: Layer, format: CopyFormat): QuantizedFigures {
  const { mse, sqnrDb, predictedSqnrDb, outputSqnrDb, maxAbsError, cosine, bytesAfter } = measures;
  const granularity = sharedGranularity(layer, settings.granularity);
  return { ...settings, granularity, mse, sqnrDb, predictedSqnrDb, outputSqnrDb, maxAbsError, cosine, bytesAfter, format };
}
