import { sharedGranularity } from '../core/groups/layerGroups';
import { layerKey, type Layer } from '../core/onnx/layer';
import { codesChosenBy } from '../core/plan/calibrationSettings';
import type { LayerPreview, QuantizeReport } from '../protocol/coreService';
import { formatObstacleText } from '../protocol/formatText';
import { printable } from '../protocol/plainText';
import { channelsUnknownText, skipReasonText, uncalibratedText, uncorrectedText } from '../protocol/problemText';
import { formatBytes } from '../protocol/byteSize';
import { reportedGainDb, type BestMethods } from './bestMethods';
import { count, decibels, number, table, type Column } from './tables';

/** A preview or a finished copy for people: errors and sizes layer by layer, totals, and what is left as it is and why. */
export function reportText(given: QuantizeReport, best: BestMethods | null, all: readonly Layer[]): string {
  const report = withKeys(given, all);
  const { layers, size, outputs, verified } = report;
  const parts = [
    ...(layers.length > 0 ? [layerTable(report, best, all), LEGEND] : []), totals(report, best), ...perTensor(report, best, all), ...calibrated(report),
    ...roundedToNearest(report), ...corrected(report), ...storedExactly(report),
  ];
  if (size.skipped.length > 0) {
    parts.push(['Left as they are:', ...skippedLines(size)].join('\n'));
  }
  if (outputs.length > 0) parts.push(`Wrote ${outputs.map(printable).join(' and ')}`);
  if (verified !== null) {
    parts.push(`Verified: ONNX Runtime (${verified.runtime}) reads ${verified.layers} layers as meant, `
      + `largest difference ${number(verified.maxAbsDifference)}; whole model: ${WHOLE_MODEL[verified.wholeModel]}`);
  }
  return `${parts.join('\n\n')}\n`;
}

/** More layers that nobody asked for are a number. */
const UNASKED_NAMED = 8;

/** Layers that cannot be quantized by name; those that nobody asked for as a number, where they are many. */
function skippedLines({ skipped }: QuantizeReport['size']): string[] {
  const unasked = skipped.filter(({ reason }) => reason === 'float-in-plan');
  const named = unasked.length > UNASKED_NAMED ? skipped.filter((layer) => !unasked.includes(layer)) : skipped;
  const lines = named.map(({ name, reason }) => `  ${printable(name)}: ${skipReasonText(reason)}`);
  return named === skipped ? lines : [...lines, `  ${count(unasked.length)} layers that are kept in float`];
}

/** Layers called by their keys, which a plan names them by. */
function withKeys(report: QuantizeReport, layers: readonly Layer[]): QuantizeReport {
  const keyed = <T extends { layer: number }>(each: T): T => ({ ...each, name: layerKey(layers[each.layer]!) });
  const { corrections, size } = report;
  return {
    ...report,
    layers: report.layers.map(keyed),
    size: { ...size, skipped: size.skipped.map(keyed) },
    uncalibrated: report.uncalibrated.map(keyed),
    corrections: corrections && { ...corrections, uncorrected: corrections.uncorrected.map(keyed) },
  };
}

const LEGEND = 'Predicted dB: the SQNR of the same levels on Laplacians fitted to the weights that share them; too low where these are few,\nand at many bits, as the tails of real weights are thinner';

const WHOLE_MODEL = {
  ran: 'runs',
  loaded: 'loads, was not run',
  'skipped-too-large': 'not loaded, too large',
  'source-does-not-load': 'not loaded, as the original does not load either',
};

function layerTable({ format, layers, size }: QuantizeReport, best: BestMethods | null, all: readonly Layer[]): string {
  const isCalibrated = layers.some(({ outputSqnrDb }) => outputSqnrDb !== null);
  return table<LayerPreview>([
    { title: 'Layer', align: 'left', cell: ({ name }) => name },
    { title: 'Method', align: 'left', cell: ({ settings }) => settings.method },
    { title: 'Bits', align: 'right', cell: ({ settings }) => String(settings.bits) },
    { title: 'Per', align: 'left', cell: ({ layer, settings }) => sharedGranularity(all[layer]!, settings.granularity) },
    { title: 'SQNR dB', align: 'right', cell: ({ sqnrDb }) => decibels(sqnrDb) },
    ...(best ? [gainColumn(best)] : []),
    ...(isCalibrated ? OUTPUT_COLUMNS : []),
    { title: 'Predicted dB', align: 'right', cell: ({ predictedSqnrDb }) => decibels(predictedSqnrDb) },
    { title: 'Max error', align: 'right', cell: ({ maxAbsError }) => number(maxAbsError) },
    { title: 'Cosine', align: 'right', cell: ({ cosine }) => number(cosine) },
    { title: 'Before', align: 'right', cell: ({ bytesBefore }) => formatBytes(bytesBefore) },
    { title: 'After', align: 'right', cell: ({ bytesAfter }) => formatBytes(bytesAfter) },
    ...(format === 'exact' ? [] : [formatColumn(size)]),
  ], layers);
}

/** What calibration adds: how weights were rounded, and SQNR of the layer's outputs on the calibration inputs. */
const OUTPUT_COLUMNS: Column<LayerPreview>[] = [
  { title: 'Rounding', align: 'left', cell: ({ settings }) => codesChosenBy(settings) },
  { title: 'Output dB', align: 'right', cell: ({ outputSqnrDb }) => decibels(outputSqnrDb) },
];

function gainColumn(best: BestMethods): Column<LayerPreview> {
  return { title: 'Gain dB', align: 'right', cell: ({ layer }) => gainText(best.get(layer)?.gainDb) };
}

function formatColumn(size: QuantizeReport['size']): Column<LayerPreview> {
  const formats = new Map(size.layers.map(({ layer, format }) => [layer, format]));
  return { title: 'Format', align: 'left', cell: ({ layer }) => formats.get(layer) ?? '' };
}

/** Of how many inputs errors of outputs are: there may be fewer than were asked for. */
function calibrated({ calibration }: QuantizeReport): string[] {
  return calibration ? [`Calibrated on ${count(calibration.samples)} samples${calibration.scaled ? ', divided by 255' : ''}`] : [];
}

/** Layers whose inputs cannot be captured; nothing when there are none. */
function roundedToNearest({ uncalibrated }: QuantizeReport): string[] {
  const lines = uncalibrated.map(({ name, reason }) => `  ${printable(name)}: ${uncalibratedText(reason)}`);
  return lines.length === 0 ? [] : [['Rounded to nearest:', ...lines].join('\n')];
}

/** What equalization and bias correction did, and where the latter could not; nothing when neither was asked for. */
function corrected({ corrections }: QuantizeReport): string[] {
  if (!corrections) return [];
  const { equalizedPairs, correctedBiases, uncorrected } = corrections;
  const lines = uncorrected.map(({ name, reason }) => `  ${printable(name)}: ${uncorrectedText(reason)}`);
  return [
    `Pairs of layers equalized: ${equalizedPairs}. Layers whose biases are corrected: ${correctedBiases}.`,
    ...(lines.length === 0 ? [] : [['Biases not corrected:', ...lines].join('\n')]),
  ];
}

/** The layers that the format asked for cannot store, and why; nothing when there are none. */
function storedExactly({ format, layers, size }: QuantizeReport): string[] {
  const names = new Map(layers.map(({ layer, name }) => [layer, name]));
  const lines = size.layers.flatMap(({ layer, obstacle }) => (
    obstacle ? [`  ${printable(names.get(layer) ?? '')}: ${formatObstacleText(obstacle)}`] : []
  ));
  return lines.length === 0 ? [] : [[`Stored exactly, not as ${format}:`, ...lines].join('\n')];
}

function totals(report: QuantizeReport, best: BestMethods | null): string {
  const { size, sqnrDb, layers } = report;
  const gain = best ? `, ${gainText(reportedGainDb(report, best))} dB against uniform` : '';
  return `${layers.length} of ${layers.length + size.skipped.length} layers quantized: `
    + `${formatBytes(size.bytesBefore)} -> ${formatBytes(size.bytesAfter)}, ${size.averageBits.toFixed(2)} bits on average, `
    + `SQNR ${decibels(sqnrDb)} dB${gain} (error of the weights, not accuracy)`;
}

/** The layers that share one codebook where channels or blocks were asked for one each, and why. */
function perTensor({ layers }: QuantizeReport, best: BestMethods | null, all: readonly Layer[]): string[] {
  const lines = layers.flatMap(({ layer, name, settings: { method, granularity } }) => {
    const reason = best?.get(layer)?.perTensor ? `${method} takes no other granularity, and still loses least`
      : sharedGranularity(all[layer]!, granularity) !== granularity ? channelsUnknownText() : null;
    return reason === null ? [] : [`  ${printable(name)}: ${reason}`];
  });
  return lines.length === 0 ? [] : [['One codebook for the whole tensor:', ...lines].join('\n')];
}

function gainText(gainDb: number | null | undefined): string {
  return typeof gainDb === 'number' && gainDb > 0 ? `+${decibels(gainDb)}` : decibels(gainDb ?? null);
}
