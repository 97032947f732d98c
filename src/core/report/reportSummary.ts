import { decibelText } from '../metrics/decibelText';
import type { ModelReport } from './modelReport';
import { count } from './reportColumns';

/** The totals above the layer table, as pairs of name and text. */
export function reportSummary({ model, total, calibration, corrections, evaluation, layers }: ModelReport): [name: string, text: string][] {
  const quantized = layers.filter((layer) => layer.quantized !== null).length;
  return [
    ['Producer', model.producer || 'not named'],
    ['Opset', model.opset],
    ['Weights', count(model.parameters)],
    ['Layers quantized', `${quantized} of ${layers.length}`],
    ['Bytes', total.bytesAfter === null ? count(model.bytes) : `${count(model.bytes)} → ${count(total.bytesAfter)}`],
    ...optional('Average bits', total.averageBits, (bits) => bits.toFixed(2)),
    ...optional('SQNR of all quantized weights', total.sqnrDb, (sqnr) => `${decibelText(sqnr)} dB`),
    ...optional('Calibration data', calibration, ({ inputs, samples }) => `${inputs}, ${count(samples)} samples`),
    ...optional('Pairs of layers equalized', corrections?.equalizedPairs || null, count),
    ...optional('Layers whose biases are corrected', corrections?.correctedBiases || null, count),
    ...optional('Evaluation', evaluation, ({ inputs, found, isCurrent }) => (
      `${found} (${inputs}${isCurrent ? '' : ', before model or plan changed'})`)),
  ];
}

function optional<T>(name: string, value: T | null, text: (value: T) => string): [string, string][] {
  return value === null ? [] : [[name, text(value)]];
}
