import { byteUnit } from '../src/protocol/byteSize';

export interface SizeTick {
  /** In bytes. */
  value: number;
  label: string;
}

const MOST_STEPS = 8;
/** Steps that are read easily, in powers of ten of the unit. */
const ROUND_STEPS = [1, 2, 2.5, 5, 10];
/** Where all sizes are equal, the axis is this share of them long. */
const LEAST_EXTENT = 0.01;

/** Ticks of an axis from one size to another: round numbers in one unit, with as many digits as tell them apart. */
export function sizeTicks(least: number, greatest: number): SizeTick[] {
  const unit = byteUnit(greatest);
  const extent = Math.max(greatest - least, greatest * LEAST_EXTENT);
  const wanted = Math.max(extent / MOST_STEPS, 1) / unit.bytes;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = ROUND_STEPS.map((round) => round * power).find((round) => round >= wanted) ?? wanted;
  const digits = digitsOf(step);
  const first = Math.floor(least / unit.bytes / step);
  const last = Math.max(Math.ceil(greatest / unit.bytes / step), first + 1);
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const value = (first + i) * step;
    return { value: value * unit.bytes, label: `${value.toFixed(digits)} ${unit.name}` };
  });
}

/** How many digits behind the point write a number in full. */
function digitsOf(value: number): number {
  const [, fraction = ''] = String(Number(value.toFixed(12))).split('.');
  return fraction.length;
}
