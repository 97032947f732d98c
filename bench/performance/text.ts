/** Stands where there is nothing to say. */
export const NOTHING = '–';

/** A Markdown table; all columns but the first are numbers. */
export function table(head: string[], rows: string[][]): string {
  const rule = head.map((_, i) => (i === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** With as many digits as are worth reading. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return NOTHING;
  if (Number.isInteger(value) || value >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(value >= 10 ? 1 : value >= 0.1 ? 2 : 4);
}

export interface Target {
  kind: 'at least' | 'below';
  value: number;
}

export const atLeast = (value: number): Target => ({ kind: 'at least', value });
export const below = (value: number): Target => ({ kind: 'below', value });

/** A number, the target beside it, and whether it is met. */
export function judged(value: number, target: Target, unit = ''): string {
  if (!Number.isFinite(value)) return NOTHING;
  const isMet = target.kind === 'at least' ? value >= target.value : value < target.value;
  return `${number(value)}${unit} (${target.kind} ${number(target.value)}${unit}: ${isMet ? 'met' : '**missed**'})`;
}
