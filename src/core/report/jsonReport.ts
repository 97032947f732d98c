import type { ModelReport } from './modelReport';

/** The report as one JSON document; numbers that are not finite are null. */
export function jsonReport(report: ModelReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
