import { cautions } from './cautions';
import type { ModelReport } from './modelReport';
import { cellText, REPORT_COLUMNS } from './reportColumns';
import { reportSummary } from './reportSummary';

/** The report as GitHub-flavoured Markdown. */
export function markdownReport(report: ModelReport): string {
  const row = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  return [
    `# ${escaped(report.model.name)}`,
    '',
    ...reportSummary(report).map(([name, text]) => `* ${name}: ${escaped(text)}`),
    '',
    ...cautions(report).flatMap((sentence) => [escaped(sentence), '']),
    row(REPORT_COLUMNS.map(({ title }) => title)),
    row(REPORT_COLUMNS.map(({ numeric }) => (numeric ? '---:' : '---'))),
    ...report.layers.map((layer) => row(REPORT_COLUMNS.map((column) => escaped(cellText(column, layer))))),
    '',
  ].join('\n');
}

/** Text from a model is text: neither markup nor a new line or cell. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#|~&!]/g, '\\$&').replace(/\s+/g, ' ');
}
