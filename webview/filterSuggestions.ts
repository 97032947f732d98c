import * as l10n from '@vscode/l10n';
import { STATES } from './filter';
import { formatCount } from './numbers';
import type { TableRow } from './tableRow';

export interface Suggestion {
  /** What stands in the filter once it is taken. */
  text: string;
  hint: string;
}

export interface Suggestions {
  /** Where in the filter the part begins that a suggestion takes the place of; it ends at the caret. */
  from: number;
  list: Suggestion[];
}

const BITS = ['2', '3', '4', '5', '6', '7', '8'];

/** Every key with its operator as it is used most, and what it asks for: the short help of the filter. */
export function keySuggestions(): Suggestion[] {
  return [
    { text: 'op:', hint: l10n.t('operators, as in op:Conv,Gemm') },
    { text: 'name:', hint: l10n.t('part of a name, or name:/regular expression/') },
    { text: 'type:', hint: l10n.t('data types, as in type:float16,bfloat16') },
    { text: 'state:', hint: l10n.t('float, planned, previewed, quantized already, or cannot be') },
    { text: 'bits<', hint: l10n.t('planned bits, or those of weights quantized already; also > <= >= and bits:4,8') },
    { text: 'sqnr<', hint: l10n.t('measured SQNR in dB') },
    { text: 'output<', hint: l10n.t('measured SQNR of outputs in dB, with calibration data') },
    { text: 'moved>', hint: l10n.t('how far the last change of the file moved it, from 0 to 1') },
    { text: 'size>', hint: l10n.t('bytes, as in size>1MB') },
    { text: 'weights>', hint: l10n.t('number of weights, as in weights>10k') },
  ];
}

/**
 * What may follow in the filter at the caret: keys that begin as the part before it does, values of a key that is written out.
 * Nothing where that part is complete or free text.
 */
export function suggestionsFor(filter: string, caret: number, rows: Iterable<TableRow>): Suggestions {
  const [, minus = '', part = ''] = /(-?)(\S*)$/.exec(filter.slice(0, caret)) ?? [];
  const [, key, separator = '', listed = '', begun = ''] = /^([a-z]+)([:=])((?:[^,]*,)*)([^,]*)$/i.exec(part) ?? [];
  if (key === undefined) {
    const list = part === '' ? [] : keySuggestions().filter(({ text }) => begins(text, part));
    return { from: caret - part.length, list };
  }
  const taken = listed.toLowerCase().split(',');
  const list = valuesOf(key.toLowerCase(), rows)
    .filter(({ text }) => begins(text, begun) && !taken.includes(text.toLowerCase()))
    .map(({ text, hint }) => ({ text: `${minus}${key}${separator}${listed}${text}`, hint }));
  return { from: caret - part.length - minus.length, list };
}

/** The filter with the suggestion taken, and where the caret then stands. */
export function take(filter: string, caret: number, from: number, { text }: Suggestion): { filter: string; caret: number } {
  return { filter: `${filter.slice(0, from)}${text}${filter.slice(caret)}`, caret: from + text.length };
}

function valuesOf(key: string, rows: Iterable<TableRow>): Suggestion[] {
  if (key === 'op') return counted(rows, ({ layer }) => layer.op);
  if (key === 'type') return counted(rows, ({ layer }) => layer.dtype);
  if (key === 'state') return STATES.map((text) => ({ text, hint: '' }));
  return key === 'bits' ? BITS.map((text) => ({ text, hint: '' })) : [];
}

/** What the model's layers have there, the most frequent first. */
function counted(rows: Iterable<TableRow>, valueOf: (row: TableRow) => string): Suggestion[] {
  const counts = new Map<string, number>();
  for (const value of [...rows].map(valueOf)) if (value !== '') counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)
    .map(([text, count]) => ({ text, hint: count === 1 ? l10n.t('1 layer') : l10n.t('{0} layers', formatCount(count)) }));
}

/** What is begun, but not written out. */
function begins(text: string, begun: string): boolean {
  return text.length > begun.length && text.toLowerCase().startsWith(begun.toLowerCase());
}
