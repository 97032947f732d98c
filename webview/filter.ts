import * as l10n from '@vscode/l10n';
import { bitsOf, isQuantizable, outputSqnrDb, sqnrDb, type TableRow } from './tableRow';

type RowTest = (row: TableRow) => boolean;

export interface Filter {
  matches: RowTest;
  /** What could not be understood, as text; those parts let every row pass. */
  problems: string[];
}

const BYTES: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };
const COUNTS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };
/** What a layer can be in. */
export const STATES: readonly string[] = ['float', 'planned', 'previewed', 'quantized', 'cannot'];

/**
 * A name's regular expression may hold blanks; a comparison may have them around its operator and before a unit; `::` is
 * part of a word; everything else ends at a blank.
 */
const TOKEN = /-?name:\s*\/(?:\\.|[^/\\])*\/|-?[a-z]+\s*[<>=]=?(?:\S+|\s+(?!\S*[:<>=])\S+)?(?:\s+[kmg]b(?!\S))?|\S+/gi;
const COMPARISON = /^([a-z]+)\s*([<>]=?|=)\s*(.*)$/i;
const FIELD = /^([a-z]+):(?!:)\s*(.*)$/i;
/** Names as TensorFlow gives them: `kernel:0`. */
const OUTPUT = /:\d+$/;

/**
 * Reads a filter such as `conv op:Gemm,MatMul bits<8 sqnr < 30 size>1MB name:/^layer1/ -fc`. All parts must hold, those after
 * a minus must not; words are looked for in name, op and scope; letter case is ignored; a number that is unknown fails every
 * comparison.
 */
export function parseFilter(query: string): Filter {
  const tests: RowTest[] = [];
  const problems: string[] = [];
  for (const [token] of query.matchAll(TOKEN)) {
    const test = parseToken(token);
    if (typeof test === 'string') problems.push(test);
    else tests.push(test);
  }
  return { matches: (row) => tests.every((test) => test(row)), problems };
}

/** The token's test, or what is wrong with it. */
function parseToken(token: string): RowTest | string {
  if (!token.startsWith('-')) return parsePart(token);
  if (token === '-') return () => true;
  const test = parsePart(token.slice(1));
  return typeof test === 'string' ? test : (row) => !test(row);
}

function parsePart(part: string): RowTest | string {
  const [, compared, operator, limit] = COMPARISON.exec(part) ?? [];
  if (compared !== undefined && operator !== undefined) return parseComparison(part, compared, operator, limit ?? '');
  const [, key, operand] = FIELD.exec(part) ?? [];
  if (key !== undefined) return parseField(part, key, operand ?? '');
  return parseWord(part);
}

function parseWord(text: string): RowTest {
  const word = text.toLowerCase();
  return ({ layer }) => [layer.name, layer.op, layer.scope].some((known) => known.toLowerCase().includes(word));
}

interface NumberKey {
  read: (row: TableRow) => number | null;
  parse: (text: string) => number | null;
}

const NUMBERS: ReadonlyMap<string, NumberKey> = new Map([
  ['bits', { read: bitsOf, parse: parseNumber }],
  ['sqnr', { read: (row) => sqnrDb(row.plan), parse: parseNumber }],
  ['output', { read: (row) => outputSqnrDb(row.plan), parse: parseNumber }],
  ['moved', { read: (row) => row.moved, parse: parseNumber }],
  ['size', { read: (row) => row.layer.bytes, parse: (text) => parseScaled(text, /^(\d+(?:\.\d+)?)\s*([kmg]?b)?$/i, BYTES) }],
  ['weights', { read: (row) => row.layer.elements, parse: (text) => parseScaled(text, /^(\d+(?:\.\d+)?)([kmg])?$/i, COUNTS) }],
]);
const KEYS = ['op', 'name', 'type', 'state', ...NUMBERS.keys()];

const OPERATORS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
};

function parseComparison(part: string, name: string, operator: string, operand: string): RowTest | string {
  const key = NUMBERS.get(name.toLowerCase());
  const compare = OPERATORS[operator];
  if (!key && !KEYS.includes(name.toLowerCase())) return unknownKey(name);
  if (!key) return operator === '=' ? parseField(part, name, operand) : l10n.t('{0}: {1} is no number, write {2}:', part, name, name);
  if (!compare) return parseNumberList(part, key, operand);
  const limit = key.parse(operand);
  if (limit === null) return numberMissing(part);
  return (row) => {
    const value = key.read(row);
    return value !== null && compare(value, limit);
  };
}

function parseNumberList(part: string, { read, parse }: NumberKey, operand: string): RowTest | string {
  const wanted = operand.split(',').map(parse);
  if (wanted.includes(null)) return numberMissing(part);
  return (row) => {
    const value = read(row);
    return value !== null && wanted.includes(value);
  };
}

function parseField(part: string, name: string, operand: string): RowTest | string {
  const number = NUMBERS.get(name.toLowerCase());
  if (number) return parseNumberList(part, number, operand);
  const wanted = operand.toLowerCase().split(',').filter((choice) => choice !== '');
  switch (name.toLowerCase()) {
    case 'op':
      if (wanted.length === 0) return l10n.t('{0}: an operator is missing', part);
      return ({ layer }) => wanted.includes(layer.op.toLowerCase());
    case 'type':
      if (wanted.length === 0) return l10n.t('{0}: a data type is missing', part);
      return ({ layer }) => wanted.includes(layer.dtype);
    case 'state':
      if (wanted.length === 0 || !wanted.every((state) => STATES.includes(state))) {
        return l10n.t('state: is one of {0}', STATES.join(', '));
      }
      return (row) => wanted.includes(rowState(row));
    case 'name':
      return parseName(operand);
    default:
      return OUTPUT.test(part) ? parseWord(part) : unknownKey(name);
  }
}

function parseName(operand: string): RowTest | string {
  const pattern = /^\/(.*)\/$/.exec(operand)?.[1];
  if (pattern === undefined) {
    const wanted = operand.toLowerCase().split(',');
    return ({ layer }) => wanted.some((text) => layer.name.toLowerCase().includes(text));
  }
  try {
    const expression = new RegExp(pattern, 'i');
    return ({ layer }) => expression.test(layer.name);
  } catch {
    return l10n.t('name: /{0}/ is no regular expression', pattern);
  }
}

function unknownKey(name: string): string {
  return l10n.t('unknown key {0}: known are {1}', name, KEYS.join(', '));
}

function numberMissing(part: string): string {
  return l10n.t('{0}: a number is missing', part);
}

/** `quantized` is what the model holds so already. */
function rowState(row: TableRow): string {
  if (row.layer.quantized) return 'quantized';
  return row.plan?.state ?? (isQuantizable(row) ? 'float' : 'cannot');
}

function parseNumber(text: string): number | null {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}

function parseScaled(text: string, pattern: RegExp, units: Readonly<Record<string, number>>): number | null {
  const [, value, unit] = pattern.exec(text) ?? [];
  const factor = units[(unit ?? '').toLowerCase()];
  return value !== undefined && factor !== undefined ? Number(value) * factor : null;
}
