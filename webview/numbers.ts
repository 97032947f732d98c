const counts = new Intl.NumberFormat('en');

/** What stands where a number is unknown. */
export const UNKNOWN = '—';

/** A whole number with thousands grouped: `77,706`. */
export function formatCount(value: number): string {
  return counts.format(value);
}

/** A real number to some significant digits, with an exponent where plain notation would be long. */
export function formatNumber(value: number | null, digits = 4): string {
  if (value === null) return UNKNOWN;
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  if (magnitude < 1e-3 || magnitude >= 1e6) return Number(value.toPrecision(digits)).toExponential();
  if (magnitude >= 1e3) return counts.format(Number(value.toPrecision(Math.max(digits, 6))));
  return String(Number(value.toPrecision(digits)));
}

/** A number on an axis: in full, but for what adding up steps in binary leaves behind. */
export function formatTick(value: number): string {
  return String(Number(value.toPrecision(12))).replace('-', '−');
}

/** Decibels with one decimal, without the unit. */
export function formatDb(value: number | null): string {
  if (value === null) return UNKNOWN;
  if (Number.isFinite(value)) return value.toFixed(1);
  return value > 0 ? '∞' : '−∞';
}

/** `16×3×3×3`; a scalar has no dims. */
export function formatShape(dims: readonly number[]): string {
  return dims.length === 0 ? 'scalar' : dims.join('×');
}
