import * as l10n from '@vscode/l10n';
import type { ChartConfiguration, Plugin } from 'chart.js';
import type { PageSupportCurve } from '../src/protocol/page';
import { axisStyle, axisTitle, baseOptions, tickStyle, tooltipStyle, type LineData } from './chartStyle';
import { formatDb, formatNumber } from './numbers';
import { flags, flagsHeight, namedLabels } from './supportFlags';
import { GREATEST_LIMIT, LEAST_LIMIT, sqnrAt, type SupportLimit } from './supportLimit';
import { themeColour } from './theme';

type LineConfiguration = ChartConfiguration<'line', LineData>;

/** Room for the last tick. */
const RIGHT_PADDING = 6;
/** The theory's line differs from the measured one in more than its colour. */
const THEORY_DASH = [6, 4];

export interface SupportPlot {
  curve: PageSupportCurve;
  /** Where the handle is. */
  chosen: () => SupportLimit;
  /** Told where the handle's line is drawn, in pixels. */
  onDraw(x: number, top: number, bottom: number): void;
}

/** SQNR against the support limit, measured and in theory, with the named choices as flags. */
export function supportConfig({ curve, chosen, onDraw }: SupportPlot): LineConfiguration {
  const line = (figure: 'sqnrDb' | 'theorySqnrDb'): LineData => curve.points.flatMap((point) => (
    point[figure] === null ? [] : [{ x: point.limit, y: point[figure] }]
  ));
  const labels = namedLabels(curve);
  const style = { borderWidth: 2, pointRadius: 0, pointHoverRadius: 3 };
  return {
    type: 'line',
    data: {
      datasets: [
        { label: l10n.t('measured'), data: line('sqnrDb'), ...style, borderColor: themeColour('--histogram') },
        {
          label: l10n.t('theory'), data: line('theorySqnrDb'), ...style,
          borderColor: themeColour('--theory'), borderDash: THEORY_DASH,
        },
      ],
    },
    options: {
      ...baseOptions(),
      layout: { padding: ({ chart }) => ({ top: flagsHeight(chart, labels), right: RIGHT_PADDING, left: 0, bottom: 0 }) },
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: {
          type: 'linear', min: 0, max: GREATEST_LIMIT, ...axisStyle(),
          ...axisTitle(l10n.t('Support limit (standard deviations)')),
          ticks: { ...tickStyle(), stepSize: 2 },
        },
        y: {
          type: 'linear', grace: '4%', ...axisStyle(), ...axisTitle(l10n.t('SQNR (dB)')),
          ticks: { ...tickStyle(), maxTicksLimit: 7, includeBounds: false },
        },
      },
      plugins: {
        tooltip: {
          ...tooltipStyle(),
          callbacks: {
            title: ([item]) => (item ? l10n.t('{0} standard deviations', formatNumber(item.parsed.x, 3)) : ''),
            label: ({ dataset, parsed }) => `${dataset.label}: ${formatDb(parsed.y)} dB`,
          },
        },
      },
    },
    plugins: [flags(labels, curve.sampled === null), handleLine(curve, chosen, onDraw)],
  };
}

/** The limit that is tried, with dots where it meets both lines. */
function handleLine(curve: PageSupportCurve, chosen: () => SupportLimit, onDraw: SupportPlot['onDraw']): Plugin<'line'> {
  return {
    id: 'handle',
    afterDraw(chart) {
      const { ctx, chartArea, scales: { x, y } } = chart;
      if (!x || !y) return;
      const at = chosen();
      const pixel = x.getPixelForValue(Math.min(Math.max(at.limit, LEAST_LIMIT), GREATEST_LIMIT));
      ctx.save();
      ctx.strokeStyle = themeColour('--limits');
      ctx.lineWidth = 2;
      ctx.setLineDash([5, 4]);
      ctx.beginPath();
      ctx.moveTo(pixel, chartArea.bottom);
      ctx.lineTo(pixel, chartArea.top);
      ctx.stroke();
      ctx.setLineDash([]);
      const { sqnrDb, theorySqnrDb } = sqnrAt(curve, at);
      for (const [value, colour] of [[sqnrDb, '--histogram'], [theorySqnrDb, '--theory']] as const) {
        if (value === null) continue;
        ctx.beginPath();
        ctx.arc(pixel, y.getPixelForValue(value), 5, 0, 2 * Math.PI);
        ctx.fillStyle = themeColour(colour);
        ctx.strokeStyle = themeColour('--page-background');
        ctx.fill();
        ctx.stroke();
      }
      ctx.fillStyle = themeColour('--limits');
      ctx.beginPath();
      ctx.roundRect(pixel - 4, chartArea.bottom - 16, 8, 16, 3);
      ctx.fill();
      ctx.restore();
      onDraw(pixel, chartArea.top, chartArea.bottom);
    },
  };
}
