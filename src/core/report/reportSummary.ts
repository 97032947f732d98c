import { decibelText } from '../metrics/decibelText';
import type { ModelReport } from './modelReport';
import { count } from './reportColumns';

/** The totals above the layer table, as pairs of name and text. */
export function reportSummary(report: ModelReport): [name: string, text: string][] {
  const { quantscope, plan, model, total, calibration, uncalibrated, corrections, format, evaluation, layers } = report;
  const quantized = layers.flatMap((layer) => layer.quantized ?? []);
  const otherFormat = quantized.filter((figures) => figures.format !== format).length;
  return [
    ['Producer', model.producer || 'not named'],
    ['Opset', model.opset],
    ...optional('Plan', plan, ({ file, isSaved }) => (isSaved ? file : `${file}, with edits that are not saved`)),
    ['Weights', count(model.parameters)],
    ['Layers quantized', `${quantized.length} of ${layers.length}`],
    ['Bytes', total.bytesAfter === null ? count(model.bytes) : `${count(model.bytes)} → ${count(total.bytesAfter)}`],
    ...optional('Average bits', total.averageBits, (bits) => bits.toFixed(2)),
    ...optional('SQNR of all quantized weights', total.sqnrDb, (sqnr) => `${decibelText(sqnr)} dB`),
    ...optional('Calibration data', calibration, ({ inputs, samples, reading }) => (
      [inputs, `${count(samples)} samples`, ...(reading ? [reading] : [])].join(', '))),
    ...optional('Layers rounded to nearest, as they cannot be calibrated', uncalibrated.length || null, count),
    ...optional('Pairs of layers equalized', corrections?.equalizedPairs || null, count),
    ...optional('Layers whose biases are corrected', corrections?.correctedBiases || null, count),
    ...optional('Layers whose biases cannot be corrected', corrections?.uncorrected.length || null, count),
    ['Format of the copy', format],
    ...optional(`Layers stored exactly, not as ${format}`, otherFormat || null, count),
    ...optional('Evaluation', evaluation, ({ inputs, found, isCurrent }) => (
      `${found} (${inputs}${isCurrent ? '' : ', before model or plan changed'})`)),
    ['Reported by', `Quantscope ${quantscope}`],
  ];
}

function optional<T>(name: string, value: T | null, text: (value: T) => string): [string, string][] {
  return value === null ? [] : [[name, text(value)]];
}
