import * as l10n from '@vscode/l10n';
import type { AllocationChoice, AllocationChoices } from '../src/protocol/allocationPage';
import { formatBytes } from '../src/protocol/byteSize';
import type { TableData } from './chartTable';
import { formatCount, formatDb } from './numbers';

/** What an allocation's cost is counted in. */
export type AllocationUnit = 'weightBits' | 'bytes';

/** What the chart of allocations shows. */
export interface AllocationPlot {
  choices: AllocationChoices;
  unit: AllocationUnit;
  /** What reaches the target that was typed last. */
  found: AllocationChoice | null;
  /** What reaches the target is to be chosen when it comes: no other choice was made since the target was asked for. */
  seeking: boolean;
  /** Where the keyboard is, or what was clicked last, by id. */
  chosen: number | null;
}

export type SeriesId = 'optimal' | 'codingLength' | 'equal' | 'found';

export interface Series {
  id: SeriesId;
  points: readonly AllocationChoice[];
}

/** The lines and marks of the chart, each by rising cost; the optimal one first. */
export function seriesOf({ choices, unit, found }: AllocationPlot): Series[] {
  const { optimal, codingLength } = choices[unit];
  const all: Series[] = [
    { id: 'optimal', points: optimal },
    { id: 'codingLength', points: codingLength ?? [] },
    { id: 'equal', points: choices.equal },
    { id: 'found', points: found ? [found] : [] },
  ];
  const cost = (point: AllocationChoice): number => costOf(point, unit);
  return all.filter(({ points }) => points.length > 0)
    .map(({ id, points }) => ({ id, points: [...points].sort((a, b) => cost(a) - cost(b)) }));
}

export function costOf({ averageBits, bytes }: AllocationChoice, unit: AllocationUnit): number {
  return unit === 'bytes' ? bytes : averageBits;
}

export function chosenOf(plot: AllocationPlot): { point: AllocationChoice; series: Series } | null {
  for (const series of seriesOf(plot)) {
    const point = series.points.find(({ id }) => id === plot.chosen);
    if (point) return { point, series };
  }
  return null;
}

export function nearestTo(points: readonly AllocationChoice[], cost: number, unit: AllocationUnit): AllocationChoice | null {
  const distance = (point: AllocationChoice): number => Math.abs(costOf(point, unit) - cost);
  return points.reduce<AllocationChoice | null>((a, b) => (a && distance(a) <= distance(b) ? a : b), null);
}

/** What each layer has on average where the panel opens. */
const FIRST_BITS = 4;

/** The best choice at the cost of four bits for all layers that get a width: others, which stay as they are, count in the average too. */
export function firstChoice(choices: AllocationChoices, unit: AllocationUnit): AllocationChoice | null {
  const { optimal } = choices[unit];
  const equal = choices.equal.find(({ widths: [narrowest] }) => narrowest?.bits === FIRST_BITS);
  return equal ? nearestTo(optimal, costOf(equal, unit), unit) : nearestTo(optimal, FIRST_BITS, 'weightBits');
}

/** Where a key leads: left and right along a line, up and down to the nearest point of another. Null: not the chart's. */
export function choiceByKey(key: string, plot: AllocationPlot): AllocationChoice | null {
  const lines = seriesOf(plot);
  const { point, series } = chosenOf(plot) ?? { point: undefined, series: lines[0] };
  if (!series) return null;
  const { points } = series;
  const position = point ? points.indexOf(point) : -1;
  const line = lines.findIndex(({ id }) => id === series.id);
  const other = (step: number): AllocationChoice | null => {
    const next = lines[(line + step + lines.length) % lines.length]!;
    return nearestTo(next.points, point ? costOf(point, plot.unit) : 0, plot.unit);
  };
  switch (key) {
    case 'ArrowRight': return points[Math.min(position + 1, points.length - 1)] ?? null;
    case 'ArrowLeft': return points[Math.max(position - 1, 0)] ?? null;
    case 'ArrowUp': return other(-1);
    case 'ArrowDown': return other(1);
    case 'Home': return points[0] ?? null;
    case 'End': return points.at(-1) ?? null;
    default: return null;
  }
}

export function seriesName(id: SeriesId): string {
  switch (id) {
    case 'optimal': return l10n.t('Least error');
    case 'codingLength': return l10n.t('By coding length');
    case 'equal': return l10n.t('One width for all');
    case 'found': return l10n.t('Target');
  }
}

/** A choice in words: `4.03 bits on average, 212 KB, error −14.2 dB`. */
export function choiceText({ averageBits, bytes, noiseDb }: AllocationChoice): string {
  return l10n.t('{0} bits on average · {1} · error {2} dB', averageBits.toFixed(2), formatBytes(bytes), noiseText(noiseDb));
}

/** The layer that suffers most, by what errors are of. */
export function worstText({ worst }: AllocationChoice, by: AllocationChoices['by']): string {
  if (worst === null) return l10n.t('No layer loses anything.');
  return by === 'calibrated'
    ? l10n.t('Worst layer: {0}, output SQNR {1} dB', worst.name, formatDb(worst.sqnrDb))
    : l10n.t('Worst layer: {0}, SQNR {1} dB', worst.name, formatDb(worst.sqnrDb));
}

/** How many layers have which width: `2 bits: 3 · 4 bits: 10`. */
export function widthsText({ widths }: AllocationChoice): string {
  return widths.map(({ bits, layers }) => `${widthName(bits)}: ${formatCount(layers)}`).join(' · ');
}

export function widthName(bits: AllocationChoice['widths'][number]['bits']): string {
  return bits === 'float' ? l10n.t('Float') : l10n.t('{0} bits', bits);
}

/** The chart in words: both ends of the curve, and each equal width against what least error makes of the same cost. */
export function describeAllocations({ choices, unit }: AllocationPlot): string {
  const { optimal } = choices[unit];
  const [first, last] = [optimal[0], optimal.at(-1)];
  const against = choices.equal.flatMap((equal) => {
    const within = optimal.filter((point) => costOf(point, unit) <= costOf(equal, unit)).at(-1);
    return within ? [l10n.t('{0}: least error at no more cost is {1} dB.', choiceText(equal), noiseText(within.noiseDb))] : [];
  });
  return [
    ...(first && last ? [l10n.t('From {0} to {1}.', choiceText(first), choiceText(last))] : []), ...against,
  ].join(' ');
}

/** One row a choice, one table a line of the chart. */
export function allocationTables(plot: AllocationPlot): TableData[] {
  const heads = [
    l10n.t('Bits on average'), l10n.t('Size on disk'), l10n.t('Error (dB)'), l10n.t('Worst layer'), l10n.t('SQNR (dB)'), l10n.t('Layers'),
  ];
  return seriesOf(plot).map(({ id, points }) => ({
    caption: seriesName(id), heads,
    rows: points.map((point) => [
      point.averageBits.toFixed(2), formatBytes(point.bytes), noiseText(point.noiseDb), point.worst?.name ?? '',
      formatDb(point.worst?.sqnrDb ?? null), widthsText(point),
    ]),
  }));
}

function noiseText(noiseDb: number | null): string {
  return noiseDb === null ? '−∞' : noiseDb.toFixed(1).replace('-', '−');
}
