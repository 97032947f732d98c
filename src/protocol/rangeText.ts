/** To three digits; one number where both are the same. */
export function rangeText({ min, max }: { min: number; max: number }): string {
  const [from, to] = [min, max].map((value) => String(Number(value.toPrecision(3))));
  return from === to ? from! : `${from}…${to}`;
}
