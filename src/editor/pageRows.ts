import type { Layer } from '../core/onnx/layer';
import { missingFiles } from '../core/onnx/externalFile';
import { codesChosenBy } from '../core/plan/calibrationSettings';
import { isRuinous } from '../core/plan/checkSettings';
import { BIT_WIDTHS, scopeOf, type LayerSettings } from '../core/plan/layerSettings';
import type { Histogram } from '../core/statistics/histogram';
import type { LaplaceFit, LayerStatistics } from '../core/statistics/layerStatistics';
import { ksOfSketches } from '../core/statistics/quantileSketch';
import type { OutputError } from '../protocol/calibrationPage';
import type { LayerPreview, ModelSummary } from '../protocol/coreService';
import type { Header, LayerRow, PageCodebook, PageStatistics, PlanRow } from '../protocol/page';
import { skipReasonText } from '../protocol/problemText';
import { obstacleText } from '../protocol/quantizedText';

/** What the core knows, in the shapes the page draws. */

export function headerOf(fileName: string, model: ModelSummary, isOnDisk: boolean): Header {
  const missing = missingFiles(model.externalFiles);
  return {
    fileName,
    producer: model.producer,
    opset: opsetText(model.opsets),
    layerCount: model.layers.length,
    parameters: model.parameters,
    bytes: model.bytes,
    missingFiles: missing.map(({ location }) => location),
    canLocate: isOnDisk && missing.length > 0,
    canQuantize: model.layers.some(({ quantizable }) => quantizable === true),
  };
}

export function layerRowOf(layer: Layer): LayerRow {
  const consumer = layer.consumers[0];
  return {
    index: layer.index,
    name: layer.name,
    scope: layer.scope,
    op: consumer?.op ?? '',
    node: consumer?.node ?? '',
    dims: layer.dims,
    dtype: layer.dtype,
    elements: layer.elements,
    bytes: layer.bytes,
    reason: obstacleText(layer),
    ...(layer.fixed && { fixed: skipReasonText('not-a-weight') }),
    ...(layer.channelAxis === null && { channelsUnknown: true as const }),
    ...(layer.quantized && { quantized: layer.quantized }),
  };
}

/** What is known of one layer under the plan; for a layer left float, a preview is of settings that were only tried. */
export interface PlannedState {
  settings: LayerSettings | undefined;
  preview: LayerPreview | undefined;
  /** Why a copy rounds it to nearest though it is to be calibrated; null or undefined where it does not. */
  uncalibrated: string | null | undefined;
  /** Where the plan names calibration data. */
  output: OutputError | undefined;
  /** From the size of the copy, which follows the format of copies; the preview says it before. */
  bytesAfter: number | undefined;
  /** Why the layer stays float whatever its settings say. */
  note: string | undefined;
}

export function planRowOf(layer: Layer, { settings, preview, uncalibrated, output, bytesAfter, note }: PlannedState): PlanRow {
  const shown = settings ?? preview?.settings;
  const rounding = shown ? codesChosenBy(shown) : 'nearest';
  const widths = settings && scopeOf(settings.method, settings.bits).bits;
  return {
    index: layer.index,
    state: layer.quantizable !== true ? 'cannot' : preview ? 'previewed' : settings ? 'planned' : 'float',
    bits: settings?.bits ?? null,
    ...(preview && !settings && { triedBits: preview.settings.bits }),
    method: shown?.method ?? null,
    ...(widths && widths.length < BIT_WIDTHS.length && { widths: [...widths] }),
    granularity: shown?.granularity ?? null,
    ...(shown?.method === 'uniform' && { support: shown.support }),
    ...(rounding !== 'nearest' && (uncalibrated ? { uncalibrated: { rounding, reason: uncalibrated } } : { rounding })),
    ...(settings && isRuinous(settings) && { ruinous: true }),
    ...(output && { output }),
    sqnrDb: finite(preview?.sqnrDb),
    predictedSqnrDb: finite(preview?.predictedSqnrDb),
    mse: finite(preview?.mse),
    maxAbsError: finite(preview?.maxAbsError),
    cosine: finite(preview?.cosine),
    bytesAfter: note === undefined ? finite(bytesAfter ?? preview?.bytesAfter) : null,
    note: note ?? null,
  };
}

export function codebookOf({ layer, codebook }: LayerPreview): PageCodebook {
  return { index: layer, ...codebook };
}

/** What is kept of a layer's weights once they are replaced on disk. */
export type KnownWeights = Pick<LayerStatistics, 'histogram' | 'sketch'>;

/** `before` is the layer's version that the file had before. */
export function statisticsOf(index: number, statistics: LayerStatistics, before: KnownWeights | undefined): PageStatistics {
  const { count, nan, inf, zeros, laplace, gauss, histogram } = statistics;
  return {
    index,
    count, nan, inf, zeros,
    min: finite(statistics.min),
    max: finite(statistics.max),
    mean: finite(statistics.mean),
    std: finite(statistics.std),
    median: finite(statistics.median),
    meanAbsDeviation: finite(statistics.meanAbsDeviation),
    kurtosis: finite(statistics.kurtosis),
    quantiles: Object.fromEntries(Object.entries(statistics.quantiles).map(([p, value]) => [p, finite(value)])),
    laplace: laplace && finiteFit(laplace),
    gauss: gauss && finiteFit({ location: gauss.mean, scale: gauss.std, ks: gauss.ks, logLikelihood: gauss.logLikelihood }),
    histogram: pageHistogram(histogram),
    previous: before && before.sketch.length > 0 && statistics.sketch.length > 0
      ? { histogram: pageHistogram(before.histogram), ks: ksOfSketches(before.sketch, statistics.sketch) }
      : null,
  };
}

function pageHistogram({ min, max, counts }: Histogram): PageStatistics['histogram'] {
  return { min: finite(min), max: finite(max), counts };
}

/** Opset versions, the standard domain's first and without a name: `17, com.microsoft 1`. */
export function opsetText(opsets: Record<string, number>): string {
  return Object.entries(opsets)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([domain, version]) => (domain === '' || domain === 'ai.onnx' ? `${version}` : `${domain} ${version}`))
    .join(', ');
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

function finiteFit(fit: LaplaceFit): LaplaceFit | null {
  return Object.values(fit).every(Number.isFinite) ? fit : null;
}
