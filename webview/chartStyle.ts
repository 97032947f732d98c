import {
  Chart, LinearScale, LineController, LineElement, LogarithmicScale, PointElement, Tooltip,
  type ScaleOptionsByType, type TooltipOptions,
} from 'chart.js';
import { themeColour, themeFontFamily } from './theme';

Chart.register(LinearScale, LineController, LineElement, LogarithmicScale, PointElement, Tooltip);

export type LineData = { x: number; y: number }[];

/** What all charts look like, in the theme's colours of this moment. */

/** A chart is drawn at once, in the page's font, from data that needs no parsing. */
export function baseOptions(): { animation: false; maintainAspectRatio: false; parsing: false; normalized: true } {
  Chart.defaults.font.family = themeFontFamily();
  return { animation: false, maintainAspectRatio: false, parsing: false, normalized: true };
}

export function axisStyle(): { grid: Partial<ScaleOptionsByType<'linear'>['grid']>; border: { color: string } } {
  const color = themeColour('--grid-line');
  return { grid: { color, drawTicks: false }, border: { color } };
}

export function axisTitle(text: string): { title: { display: true; text: string; color: string; padding: number } } {
  return { title: { display: true, text, color: themeColour('--text-faint'), padding: 2 } };
}

export function tickStyle(): { color: string; padding: number } {
  return { color: themeColour('--text-faint'), padding: 6 };
}

export function tooltipStyle() {
  const colour = themeColour('--text');
  return {
    displayColors: false,
    backgroundColor: themeColour('--hover-background'),
    borderColor: themeColour('--hover-border'),
    borderWidth: 1,
    cornerRadius: 3,
    titleColor: colour,
    bodyColor: colour,
  } satisfies Partial<TooltipOptions>;
}
