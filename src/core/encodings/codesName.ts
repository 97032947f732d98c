import type { Weight } from './blueprint';

/**
 * What a weight's codes are called. Where they are stored in more bits than they have, the name says how many these are: nothing else
 * in a copy tells how many levels there are, short of reading all codes. It is no longer for that, so that a layer of fewer
 * bits never makes a copy larger.
 */
export function codesName({ part, shape: { bits } }: Weight, storedBits: number, suffix: CodesSuffix = ''): string {
  return part(`${storedBits === bits ? 'codes' : `${bits}bits`}${suffix}`);
}

/** The width of a plane, or T for fields of a weight that is stored the other way round. */
export type CodesSuffix = '' | `${number}` | 'T';

/** Bits of codes that say so in their name; null for others, which have those they are stored in. */
export function bitsOfName(name: string): number | null {
  const said = /\.q\d*\.([2-7])bits(?:T|\d)?$/.exec(name);
  return said && Number(said[1]);
}
