/** A value of a plan file as messages show it, between quotes of their own. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value) ?? String(value);
}

/** Whether a value is text that would be legal without its quotes: a number, or true or false. */
export function isQuoted(value: unknown, isLegal: (value: unknown) => boolean): boolean {
  if (typeof value !== 'string') return false;
  try {
    const bare: unknown = JSON.parse(value);
    return typeof bare !== 'string' && isLegal(bare);
  } catch {
    return false;
  }
}
