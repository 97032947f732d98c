/** What a file of text in UTF-8 begins with, so that Excel does not take it for text in the system's code page. */
export const UTF8_MARK = '\ufeff';

/**
 * Rows as CSV (RFC 4180): numbers in full, what is unknown empty. Text that a spreadsheet would take for a formula is led by
 * an apostrophe, since a model's author chose it.
 */
export function csvText(rows: readonly (readonly (number | string | null)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: number | string | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const isFormula = /^[=+\-@\t\r]/.test(value) && Number.isNaN(Number(value));
  const harmless = isFormula ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
