import * as l10n from '@vscode/l10n';
import type { ChartFile } from '../src/protocol/page';
import type { TableData } from './chartTable';
import { element } from './dom';
import { themeColour } from './theme';

/** Bubbles from a chart that is to be saved. */
const SAVE_EVENT = 'save-chart';

export interface SavedChart {
  /** The chart's name. */
  name: string;
  file: ChartFile;
}

/** Calls `save` with each chart inside `around` that a person wants in a file. */
export function onSaveChart(around: HTMLElement, save: (chart: SavedChart) => void): void {
  around.addEventListener(SAVE_EVENT, (event) => {
    if (event instanceof CustomEvent) save(event.detail as SavedChart);
  });
}

export interface ChartExport {
  element: HTMLElement;
  /** `hasPicture`: whether there is something drawn. */
  render(name: string, tables: () => readonly TableData[], hasPicture: boolean): void;
}

/** Buttons that save a chart as a picture, in the colours it is seen in, or its numbers as text. */
export function createChartExport(canvas: HTMLCanvasElement): ChartExport {
  let name = '';
  let tables: () => readonly TableData[] = () => [];
  const save = (file: ChartFile): void => {
    view.dispatchEvent(new CustomEvent<SavedChart>(SAVE_EVENT, { bubbles: true, detail: { name, file } }));
  };
  const picture = linkButton(l10n.t('Save as PNG…'), () => save({ format: 'png', data: pictureOf(canvas) }));
  const text = linkButton(l10n.t('Save as CSV…'), () => save({ format: 'csv', tables: tables().map(plainTable) }));
  const view = element('span', 'chart-export', picture, text);
  return {
    element: view,
    render(nextName, nextTables, hasPicture) {
      name = nextName;
      tables = nextTables;
      picture.hidden = !hasPicture;
    },
  };
}

function linkButton(label: string, onClick: () => void): HTMLButtonElement {
  const control = element('button', 'link-button', label);
  control.type = 'button';
  control.addEventListener('click', onClick);
  return control;
}

/** As base64, on the page's background: a canvas has none. */
function pictureOf(canvas: HTMLCanvasElement): string {
  const copy = element('canvas');
  copy.width = canvas.width;
  copy.height = canvas.height;
  const ctx = copy.getContext('2d');
  if (!ctx) throw new Error('no canvas to draw on');
  ctx.fillStyle = themeColour('--page-background');
  ctx.fillRect(0, 0, copy.width, copy.height);
  ctx.drawImage(canvas, 0, 0);
  return copy.toDataURL('image/png').replace(/^.*,/, '');
}

/** Numbers in full; those that are not finite as text, since messages hold none. */
function plainTable({ caption, heads, rows }: TableData): Extract<ChartFile, { format: 'csv' }>['tables'][number] {
  return {
    caption,
    heads: [...heads],
    rows: rows.map((row) => row.map((cell) => {
      if (typeof cell === 'string') return cell;
      return cell.value === null || Number.isFinite(cell.value) ? cell.value : String(cell.value);
    })),
  };
}
