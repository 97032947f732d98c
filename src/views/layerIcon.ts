import { ThemeColor, ThemeIcon } from 'vscode';
import type { Layer } from '../core/onnx/layer';
import type { PlanRow } from '../protocol/page';

const ICONS: Record<PlanRow['state'], ThemeIcon> = {
  cannot: new ThemeIcon('circle-slash', new ThemeColor('disabledForeground')),
  float: new ThemeIcon('circle-outline'),
  planned: new ThemeIcon('circle-large-outline', new ThemeColor('charts.blue')),
  previewed: new ThemeIcon('circle-filled', new ThemeColor('charts.blue')),
};
const QUANTIZED_ALREADY = new ThemeIcon('circle-filled', new ThemeColor('disabledForeground'));
const STAYS_FLOAT = new ThemeIcon('warning', new ThemeColor('list.warningForeground'));

/** Filled where weights are quantized, and in colour where that can be changed. */
export function layerIcon({ quantized }: Layer, { note, state }: PlanRow): ThemeIcon {
  if (quantized) return QUANTIZED_ALREADY;
  return note === null ? ICONS[state] : STAYS_FLOAT;
}
