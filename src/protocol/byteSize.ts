const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;
/** VS Code's explorer counts in steps of 1024 and writes KB. */
const BYTE_STEP = 1024;

/** Bytes in the largest unit that keeps at least one: `304 KB`, `1.2 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (unit < BYTE_UNITS.length - 1 && Math.round(value) >= BYTE_STEP) {
    value /= BYTE_STEP;
    unit++;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${BYTE_UNITS[unit]}`;
}
