import * as l10n from '@vscode/l10n';
import { isQuantizable, sqnrDb, type TableRow } from './tableRow';

type RowTest = (row: TableRow) => boolean;

export interface Filter {
  matches: RowTest;
  /** What could not be understood, as text; those parts let every row pass. */
  problems: string[];
}

const BYTES: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };
const STATES = ['float', 'planned', 'previewed', 'cannot'];
/** A regular expression may hold blanks; everything else ends at one. */
const TOKEN = /name:\/(?:\\.|[^/\\])*\/|\S+/gi;

/**
 * Reads a filter such as `conv op:Gemm bits<8 sqnr<30 size>1MB name:/^layer1/ state:float`. All parts must hold; words are
 * looked for in name, op and scope; letter case is ignored; a number that is unknown fails every comparison.
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
  const comparison = /^(bits|sqnr|size)(<=|>=|<|>|=|:)(.*)$/i.exec(token);
  if (comparison) return parseComparison(token, comparison[1] ?? '', comparison[2] ?? '', comparison[3] ?? '');
  const field = /^(op|name|state):(.*)$/i.exec(token);
  if (field) return parseField(field[1] ?? '', field[2] ?? '');
  const word = token.toLowerCase();
  return ({ layer }) => [layer.name, layer.op, layer.scope].some((text) => text.toLowerCase().includes(word));
}

function parseComparison(token: string, field: string, operator: string, operand: string): RowTest | string {
  const limit = field.toLowerCase() === 'size' ? parseBytes(operand) : parseNumber(operand);
  if (limit === null) return l10n.t('{0}: a number is missing', token);
  const read = NUMBERS[field.toLowerCase()];
  const compare = OPERATORS[operator];
  if (!read || !compare) return l10n.t('{0}: not understood', token);
  return (row) => {
    const value = read(row);
    return value !== null && compare(value, limit);
  };
}

const NUMBERS: Readonly<Record<string, (row: TableRow) => number | null>> = {
  bits: (row) => row.plan?.bits ?? null,
  sqnr: (row) => sqnrDb(row.plan),
  size: (row) => row.layer.bytes,
};

const OPERATORS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
  '=': (value, limit) => value === limit,
  ':': (value, limit) => value === limit,
};

function parseField(field: string, operand: string): RowTest | string {
  const wanted = operand.toLowerCase();
  switch (field.toLowerCase()) {
    case 'op':
      return ({ layer }) => layer.op.toLowerCase() === wanted;
    case 'state':
      if (!STATES.includes(wanted)) return l10n.t('state: is one of {0}', STATES.join(', '));
      return (row) => rowState(row) === wanted;
    default:
      return parseName(operand);
  }
}

function parseName(operand: string): RowTest | string {
  const pattern = /^\/(.*)\/$/.exec(operand)?.[1];
  if (pattern === undefined) {
    const wanted = operand.toLowerCase();
    return ({ layer }) => layer.name.toLowerCase().includes(wanted);
  }
  try {
    const expression = new RegExp(pattern, 'i');
    return ({ layer }) => expression.test(layer.name);
  } catch {
    return l10n.t('name: /{0}/ is no regular expression', pattern);
  }
}

function rowState(row: TableRow): string {
  return row.plan?.state ?? (isQuantizable(row) ? 'float' : 'cannot');
}

function parseNumber(text: string): number | null {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}

function parseBytes(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)([kmg]?b)?$/i.exec(text);
  const unit = BYTES[(match?.[2] ?? '').toLowerCase()];
  return match && unit !== undefined ? Number(match[1]) * unit : null;
}
