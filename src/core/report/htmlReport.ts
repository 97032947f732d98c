import { cautions } from './cautions';
import type { ModelReport, ReportedLayer } from './modelReport';
import { cellText, REPORT_COLUMNS } from './reportColumns';
import { reportSummary } from './reportSummary';

const CHART = { width: 120, height: 24 };

/** The report as one HTML page that needs nothing else: no script, no font, no request. */
export function htmlReport(report: ModelReport): string {
  const name = escaped(report.model.name);
  const summary = reportSummary(report).map(([term, text]) => `<dt>${escaped(term)}</dt><dd>${escaped(text)}</dd>`);
  const heads = REPORT_COLUMNS.map(({ title, numeric }) => `<th scope="col"${numericClass(numeric)}>${escaped(title)}</th>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>${name}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${name}</h1>
<dl>${summary.join('')}</dl>
${cautions(report).map((sentence) => `<p>${escaped(sentence)}</p>`).join('\n')}
<table>
<thead><tr>${heads.join('')}<th scope="col">Distribution</th></tr></thead>
<tbody>
${report.layers.map(row).join('\n')}
</tbody>
</table>
</body>
</html>
`;
}

function row(layer: ReportedLayer): string {
  const cells = REPORT_COLUMNS.map((column, index) => {
    const text = escaped(cellText(column, layer));
    return index === 0 ? `<th scope="row">${text}</th>` : `<td${numericClass(column.numeric)}>${text}</td>`;
  });
  return `<tr>${cells.join('')}<td>${histogram(layer)}</td></tr>`;
}

function histogram({ name, histogram: bins }: ReportedLayer): string {
  const highest = bins ? Math.max(...bins.counts) : 0;
  if (!bins || highest === 0) return '';
  const width = CHART.width / bins.counts.length;
  const steps = bins.counts.map((count) => `V${round(CHART.height * (1 - count / highest))}h${round(width)}`);
  const label = `Weights of ${name} from ${bins.min} to ${bins.max}`;
  return `<svg role="img" aria-label="${escaped(label)}" viewBox="0 0 ${CHART.width} ${CHART.height}" `
    + `width="${CHART.width}" height="${CHART.height}"><path d="M0 ${CHART.height}${steps.join('')}V${CHART.height}z"/></svg>`;
}

function numericClass(numeric: boolean): string {
  return numeric ? ' class="number"' : '';
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
:root { color-scheme: light dark; font: 14px/1.5 system-ui, sans-serif; }
body { margin: 2rem; }
h1 { font-size: 1.4rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.5rem; }
dt { opacity: .7; }
dd { margin: 0; }
table { border-collapse: collapse; }
th, td { padding: .25rem .6rem; text-align: left; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
thead th { position: sticky; top: 0; background: Canvas; white-space: nowrap; }
tbody th { font-weight: 600; unicode-bidi: isolate; overflow-wrap: anywhere; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
path { fill: #3794ff; }
`;
