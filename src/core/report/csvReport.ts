import { csvText, UTF8_MARK } from './csvText';
import type { ModelReport } from './modelReport';
import { REPORT_COLUMNS } from './reportColumns';

/** The layer table as CSV, a lossless SQNR as `Infinity`, one without a signal as `-Infinity`. */
export function csvReport({ layers }: ModelReport): string {
  return UTF8_MARK + csvText([
    REPORT_COLUMNS.map(({ title }) => title),
    ...layers.map((layer) => REPORT_COLUMNS.map((column) => column.value(layer))),
  ]);
}
