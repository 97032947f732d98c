import { decibelText } from '../metrics/decibelText';
import { codesChosenBy } from '../plan/calibrationSettings';
import type { QuantizedFigures, ReportedLayer } from './modelReport';

/** A column of the layer table: `value` as it is for machines, `text` for people. */
export interface ReportColumn {
  title: string;
  numeric: boolean;
  value(layer: ReportedLayer): number | string | null;
  text(value: number): string;
}

/** The layer table's columns, from left to right, the same in every format. */
export const REPORT_COLUMNS: readonly ReportColumn[] = [
  text('Layer', ({ name }) => name),
  text('Scope', ({ scope }) => scope),
  text('Operator', ({ consumers }) => [...new Set(consumers.map(({ op }) => op))].join(', ')),
  text('Shape', ({ dims }) => dims.join('×')),
  text('Type', ({ dtype }) => dtype),
  number('Weights', ({ elements }) => elements, count),
  figure('Bits', ({ bits }) => bits, count),
  text('Quantizer', ({ quantized }) => quantized?.method ?? null),
  text('Per', ({ quantized }) => quantized?.granularity ?? null),
  text('Rounding', ({ quantized }) => quantized && codesChosenBy(quantized)),
  figure('SQNR dB', ({ sqnrDb }) => sqnrDb, decibelText),
  figure('Output SQNR dB', ({ outputSqnrDb }) => outputSqnrDb, decibelText),
  figure('Predicted dB', ({ predictedSqnrDb }) => predictedSqnrDb, decibelText),
  figure('Largest error', ({ maxAbsError }) => maxAbsError, significant),
  figure('Cosine', ({ cosine }) => cosine, significant),
  number('Bytes before', ({ bytes }) => bytes, count),
  number('Bytes after', ({ bytes, quantized }) => quantized?.bytesAfter ?? bytes, count),
  text('Format', ({ quantized }) => quantized?.format ?? null),
  text('Note', ({ note }) => note),
];

/** What a person reads in a cell. */
export function cellText(column: ReportColumn, layer: ReportedLayer): string {
  const value = column.value(layer);
  if (value === null) return '';
  return typeof value === 'number' ? column.text(value) : value;
}

/** Whole numbers with thousands separators, the same in every locale: reports are compared. */
export function count(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

function significant(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function text(title: string, value: (layer: ReportedLayer) => string | null): ReportColumn {
  return { title, numeric: false, value, text: String };
}

function number(title: string, value: (layer: ReportedLayer) => number | null, format: (value: number) => string): ReportColumn {
  return { title, numeric: true, value, text: format };
}

function figure(title: string, value: (figures: QuantizedFigures) => number | null, format: (value: number) => string): ReportColumn {
  return number(title, ({ quantized }) => quantized && value(quantized), format);
}
