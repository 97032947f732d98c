const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;
/** VS Code's explorer counts in steps of 1024 and writes KB. */
const BYTE_STEP = 1024;

export interface ByteUnit {
  name: (typeof BYTE_UNITS)[number];
  bytes: number;
}

/** The largest unit of which there is at least one. */
export function byteUnit(bytes: number): ByteUnit {
  let value = bytes;
  let unit = 0;
  while (unit < BYTE_UNITS.length - 1 && Math.round(value) >= BYTE_STEP) {
    value /= BYTE_STEP;
    unit++;
  }
  return { name: BYTE_UNITS[unit]!, bytes: BYTE_STEP ** unit };
}

/** Bytes in the largest unit that keeps at least one: `304 KB`, `1.2 MB`. */
export function formatBytes(bytes: number): string {
  const unit = byteUnit(bytes);
  const value = bytes / unit.bytes;
  const digits = unit.bytes > 1 && value < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${unit.name}`;
}
