/** The index that a group's codes make together, `bits` each, lowest first: of two codes or of four, each raised by `offset`. */
// @ts-ignore: a decorator
@inline
function indexOf(codes: usize, codesPerGroup: u32, bits: u32, offset: u32): u32 {
  const pair = (load<u8>(codes) + offset) | (load<u8>(codes, 1) + offset) << bits;
  if (codesPerGroup == 2) return pair;
  return pair | (load<u8>(codes, 2) + offset) << 2 * bits | (load<u8>(codes, 3) + offset) << 3 * bits;
}

/** Bits `shift` to `shift + width` of the indices of groups, as many to a byte as fit, lowest first; fills `count` bytes. */
export function packPlane(
  codes: usize, bytes: usize, count: usize, codesPerGroup: u32, bits: u32, offset: u32, shift: u32, width: u32,
): void {
  const mask = (1 << width) - 1;
  for (let at = bytes; at < bytes + count; at++) {
    let byte: u32 = 0;
    for (let place: u32 = 0; place < 8; place += width) {
      byte |= (indexOf(codes, codesPerGroup, bits, offset) >> shift & mask) << place;
      codes += codesPerGroup;
    }
    store<u8>(at, byte);
  }
}
