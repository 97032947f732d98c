/** Decibels as people read them, without the unit: ∞ when nothing is lost, −∞ without a signal, a dash where they are not known. */
export function decibelText(value: number, digits = 1): string {
  if (Number.isNaN(value)) return '—';
  if (Number.isFinite(value)) return value.toFixed(digits);
  return value > 0 ? '∞' : '−∞';
}
