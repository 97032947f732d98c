import { throwIfCancelled, type CancelSignal } from '../job';
import { packWhole, type PlaneLayout } from '../kernels/pack';
import { SLICE, sliceRanges } from '../statistics/cancelSlices';
import type { Payload } from './blueprint';
import { codePieces, type CodeRun } from './codeRun';

/**
 * How codes in fields of 2 to 7 bits share bytes. `codesPerGroup` codes, lowest bits first, form an index into a table that
 * holds all their values at once. The index's low 8 bits are a byte plane; what is above lies in planes of 4 or 2 bits,
 * two or four to a byte, lowest bits first. No bit is wasted but for the padding at the end.
 */
export interface Packing {
  bits: number;
  codesPerGroup: number;
  /** The byte plane first. */
  planes: Plane[];
  /** Groups that share one byte of the narrowest plane: the group count is padded to a multiple of it. */
  groupsPerRow: number;
}

/** Bits `shift` to `shift + width` of every index. */
export interface Plane {
  width: number;
  shift: number;
}

const CODES_PER_GROUP: Record<number, number> = { 2: 4, 3: 4, 4: 2, 5: 2, 6: 2, 7: 2 };

/** Widths above the byte plane: 12 bits are 8 + 4, 10 are 8 + 2, 14 are 8 + 4 + 2. */
const UPPER_WIDTHS: Record<number, number[]> = { 0: [], 2: [2], 4: [4], 6: [4, 2] };

/** `bits` from 2 to 7. */
export function packingOf(bits: number): Packing {
  const codesPerGroup = CODES_PER_GROUP[bits]!;
  const planes = [{ width: 8, shift: 0 }];
  let shift = 8;
  for (const width of UPPER_WIDTHS[bits * codesPerGroup - 8]!) {
    planes.push({ width, shift });
    shift += width;
  }
  return { bits, codesPerGroup, planes, groupsPerRow: Math.max(...planes.map(indicesPerByte)) };
}

/** Rows of `groupsPerRow` groups that hold `elements` codes. */
export function rowsFor(packing: Packing, elements: number): number {
  return Math.ceil(elements / (packing.codesPerGroup * packing.groupsPerRow));
}

export function indicesPerByte(plane: Plane): number {
  return 8 / plane.width;
}

/** One plane of all codes, each raised by `offset`, in pieces; codes past the end are 0. @throws CoreError `cancelled` */
export function* packPlane(
  codes: CodeRun, packing: Packing, plane: Plane, offset: number, signal?: CancelSignal,
): Generator<Uint8Array, void> {
  const { bits, codesPerGroup, groupsPerRow } = packing;
  const layout = { bits, codesPerGroup, offset, ...plane };
  const perByte = indicesPerByte(plane);
  const bytesOf = (count: number): number => (rowsFor(packing, count) * groupsPerRow) / perByte;
  const buffer = new Uint8Array(Math.min(bytesOf(codes.length), SLICE));
  for (const piece of codePieces(codes, codesPerGroup * groupsPerRow)) {
    for (const [start, end] of sliceRanges(bytesOf(piece.length))) {
      throwIfCancelled(signal);
      const some = buffer.subarray(0, end - start);
      const rest = piece.subarray(start * perByte * codesPerGroup, end * perByte * codesPerGroup);
      plainPack(rest, layout, some, packWhole(rest, layout, some));
      yield some;
    }
  }
}

/** Fills in bytes from `first` on without kernels. */
export function plainPack(
  codes: Uint8Array, { codesPerGroup, bits, offset, shift, width }: PlaneLayout, bytes: Uint8Array, first: number,
): void {
  const perByte = 8 / width;
  const mask = 2 ** width - 1;
  bytes.fill(0, first);
  for (let at = first; at < bytes.length; at++) {
    for (let place = 0; place < perByte; place++) {
      const group = (at * perByte + place) * codesPerGroup;
      let index = 0;
      for (let j = 0; j < codesPerGroup; j++) index |= ((codes[group + j] ?? -offset) + offset) << (bits * j);
      bytes[at]! |= ((index >> shift) & mask) << (width * place);
    }
  }
}

/** Fields of 2, 4 or 8 bits side by side from a byte's lowest bits on. @throws CoreError `cancelled` */
export function packFields(fields: Uint8Array, bits: number, signal?: CancelSignal): Payload {
  if (bits === 8) return fields;
  const packing = packingOf(bits);
  return packPlane(fields, packing, packing.planes[0]!, 0, signal);
}
