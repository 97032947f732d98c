/** An int64 field as protobufjs hands it out: a number where it was written by us, else a `Long`. */
export type Int64 = number | { toNumber(): number };

/** The nearest number. `Number(…)` gives the same by way of decimal digits, in a hundred times as long. */
export function numberOf(value: Int64): number {
  return typeof value === 'number' ? value : value.toNumber();
}
