import type { LayerPreview, QuantizeReport } from '../protocol/coreService';
import { skipReasonText } from '../protocol/problemText';
import { formatBytes } from '../protocol/byteSize';
import { decibels, number, printable, table } from './tables';

/** A preview or a finished copy for people: errors and sizes layer by layer, totals, and what stays float and why. */
export function reportText(report: QuantizeReport): string {
  const { size, outputs, verified } = report;
  const parts = [layerTable(report.layers), totals(report)];
  if (size.skipped.length > 0) {
    const skipped = size.skipped.map(({ name, reason }) => `  ${printable(name)}: ${skipReasonText(reason)}`);
    parts.push(['Left in float:', ...skipped].join('\n'));
  }
  if (outputs.length > 0) parts.push(`Wrote ${outputs.map(printable).join(' and ')}`);
  if (verified !== null) {
    parts.push(`Verified: ONNX Runtime (${verified.runtime}) reads ${verified.layers} layers as meant, `
      + `largest difference ${number(verified.maxAbsDifference)}; whole model: ${WHOLE_MODEL[verified.wholeModel]}`);
  }
  return `${parts.join('\n\n')}\n`;
}

const WHOLE_MODEL = {
  loaded: 'loads',
  'skipped-too-large': 'not loaded, too large',
  'source-does-not-load': 'not loaded, as the original does not load either',
};

function layerTable(layers: LayerPreview[]): string {
  return table<LayerPreview>([
    { title: 'Layer', align: 'left', cell: ({ name }) => name },
    { title: 'Method', align: 'left', cell: ({ settings }) => settings.method },
    { title: 'Bits', align: 'right', cell: ({ settings }) => String(settings.bits) },
    { title: 'Per', align: 'left', cell: ({ settings }) => settings.granularity },
    { title: 'SQNR dB', align: 'right', cell: ({ sqnrDb }) => decibels(sqnrDb) },
    { title: 'Predicted', align: 'right', cell: ({ predictedSqnrDb }) => decibels(predictedSqnrDb) },
    { title: 'Max error', align: 'right', cell: ({ maxAbsError }) => number(maxAbsError) },
    { title: 'Cosine', align: 'right', cell: ({ cosine }) => number(cosine) },
    { title: 'Before', align: 'right', cell: ({ bytesBefore }) => formatBytes(bytesBefore) },
    { title: 'After', align: 'right', cell: ({ bytesAfter }) => formatBytes(bytesAfter) },
  ], layers);
}

function totals({ size, sqnrDb, layers }: QuantizeReport): string {
  return `${layers.length} of ${layers.length + size.skipped.length} layers quantized: `
    + `${formatBytes(size.bytesBefore)} -> ${formatBytes(size.bytesAfter)}, ${size.averageBits.toFixed(2)} bits on average, `
    + `SQNR ${decibels(sqnrDb)} dB (error of the weights, not accuracy)`;
}
