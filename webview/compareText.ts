import * as l10n from '@vscode/l10n';
import { formatBytes } from '../src/protocol/byteSize';
import type { CompareRow, CompareRowLayer, CompareSummary } from '../src/protocol/comparePage';
import { stateText } from '../src/protocol/comparisonText';
import type { LayerLabel } from './layerLabel';
import { formatCount, formatDb, formatNumber, formatShape, UNKNOWN } from './numbers';
import type { CellText } from './rowText';

/** Name with scope, as a plan has it. */
export function layerName({ name, scope }: CompareRowLayer): string {
  return scope === '' ? name : `${scope}::${name}`;
}

/** What both models say, or `A → B` where they differ. */
export function bothText({ a, b }: CompareRow, text: (layer: CompareRowLayer) => string): string {
  const [left, right] = [a && text(a), b && text(b)];
  return left === right || left === null || right === null ? (left ?? right ?? '') : `${left} → ${right}`;
}

/** The names of both models after the scope they share; scopes that differ stand with their names. */
export function compareLabel(row: CompareRow): LayerLabel {
  const scopes = new Set([row.a, row.b].flatMap((layer) => (layer ? [layer.scope] : [])));
  return scopes.size === 1
    ? { scope: bothText(row, ({ scope }) => scope), name: bothText(row, ({ name }) => name) }
    : { scope: '', name: bothText(row, layerName) };
}

export function shapeText(row: CompareRow): string {
  return bothText(row, ({ dims }) => formatShape(dims));
}

export function bitsText(row: CompareRow): string {
  return bothText(row, ({ bits }) => (bits === null ? l10n.t('float') : String(bits)));
}

export function sizeText(row: CompareRow): string {
  return bothText(row, ({ bytes }) => formatBytes(bytes));
}

export function sqnrText({ identical, sqnrDb, cosine, unlike, note }: CompareRow): CellText {
  if (identical === null) return { text: UNKNOWN, title: note };
  if (identical) return { text: '∞', title: l10n.t('Every weight is the same') };
  const title = [
    ...(cosine === null ? [] : [l10n.t('Cosine {0}', formatNumber(cosine, 6))]),
    ...(unlike ? [l10n.t('{0} weights are NaN or infinite in one model only', formatCount(unlike))] : []),
  ].join(' · ');
  return { text: formatDb(ratioOf({ sqnrDb, cosine })), title, warning: (unlike ?? 0) > 0 };
}

/** Infinite ratios travel as null. */
export function ratioOf({ sqnrDb, cosine }: Pick<CompareRow, 'sqnrDb' | 'cosine'>): number | null {
  if (sqnrDb !== null || cosine === null) return sqnrDb;
  return cosine === 0 ? -Infinity : Infinity;
}

export function differenceText({ maxAbsDifference, beyond }: CompareRow): CellText {
  const title = beyond === null ? '' : l10n.t('{0} weights differ by more than the tolerance', formatCount(beyond));
  return { text: formatNumber(maxAbsDifference, 3), title };
}

export function stateCell({ state, note, matchedBy }: CompareRow): CellText {
  const text = note === '' ? stateText(state) : `${stateText(state)}: ${note}`;
  const matched = matchedBy === 'consumer'
    ? l10n.t('Matched by the node that uses the weights')
    : matchedBy === 'order' ? l10n.t('Matched by operator, shape and order') : '';
  return { text, title: [text, matched].filter((part) => part !== '').join(' · ') };
}

/** `2 changed · 3 equal · SQNR 18.4 dB`. */
export function summaryText({ states, sqnrDb, cosine, identical }: CompareSummary): string {
  const counts = (['changed', 'only-a', 'only-b', 'not-compared', 'equal'] as const)
    .filter((state) => (states[state] ?? 0) > 0)
    .map((state) => `${formatCount(states[state] ?? 0)} ${stateText(state)}`);
  const sqnr = identical === null ? [] : [identical
    ? l10n.t('all compared weights are the same')
    : l10n.t('SQNR of B\'s weights against A\'s {0} dB', formatDb(ratioOf({ sqnrDb, cosine })))];
  return [...counts, ...sqnr].join(' · ');
}

export function modelFacts({ layers, parameters, bytes }: CompareSummary['a']): string {
  return [
    layers === 1 ? l10n.t('1 layer') : l10n.t('{0} layers', formatCount(layers)),
    l10n.t('{0} weights', formatCount(parameters)),
    formatBytes(bytes),
  ].join(' · ');
}
