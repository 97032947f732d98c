import { csvReport } from './csvReport';
import { htmlReport } from './htmlReport';
import { jsonReport } from './jsonReport';
import { markdownReport } from './markdownReport';
import type { ModelReport } from './modelReport';
import { nodeData } from './nodeData';

/** Every form a report with errors can take, by its id. */
export const REPORT_FORMATS = {
  markdown: markdownReport,
  html: htmlReport,
  csv: csvReport,
  json: jsonReport,
  'node-data': nodeData,
} satisfies Record<string, (report: ModelReport) => string>;

export type ReportFormat = keyof typeof REPORT_FORMATS;
