/** The index that a group's codes make together, `bits` each, lowest first: of two codes or of four, each raised by `offset`. */
// @ts-ignore: a decorator
@inline
function indexOf(codes: usize, codesPerGroup: u32, bits: u32, offset: u32): u32 {
  const pair = (load<u8>(codes) + offset) | (load<u8>(codes, 1) + offset) << bits;
  if (codesPerGroup == 2) return pair;
  return pair | (load<u8>(codes, 2) + offset) << 2 * bits | (load<u8>(codes, 3) + offset) << 3 * bits;
}

/** Eight indices of pairs of codes, in 16 bits each. */
// @ts-ignore: a decorator
@inline
function pairs(codes: usize, bits: i32, offset: v128): v128 {
  const raised = i8x16.add(v128.load(codes), offset);
  return v128.or(v128.and(raised, i16x8.splat(255)), i16x8.shl(i16x8.shr_u(raised, 8), bits));
}

/** Four indices of four codes each, in 32 bits. */
// @ts-ignore: a decorator
@inline
function fours(codes: usize, bits: i32, offset: v128): v128 {
  const pair = pairs(codes, bits, offset);
  return v128.or(v128.and(pair, i32x4.splat(65535)), i32x4.shl(i32x4.shr_u(pair, 16), 2 * bits));
}

/** What takes most of the bytes: the low ones of the indices of `count` groups, a multiple of 16. */
function packLow(codes: usize, bytes: usize, count: usize, codesPerGroup: u32, bits: i32, offset: i32): void {
  const offsets = i8x16.splat(<i8>offset), low = i16x8.splat(255), lowest = i32x4.splat(255);
  const end = bytes + count;
  if (codesPerGroup == 2) {
    for (; bytes < end; bytes += 16, codes += 32) {
      const first = v128.and(pairs(codes, bits, offsets), low), second = v128.and(pairs(codes + 16, bits, offsets), low);
      v128.store(bytes, i8x16.narrow_i16x8_u(first, second));
    }
    return;
  }
  for (; bytes < end; bytes += 16, codes += 64) {
    const first = v128.and(fours(codes, bits, offsets), lowest), second = v128.and(fours(codes + 16, bits, offsets), lowest);
    const third = v128.and(fours(codes + 32, bits, offsets), lowest), fourth = v128.and(fours(codes + 48, bits, offsets), lowest);
    v128.store(bytes, i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(first, second), i16x8.narrow_i32x4_s(third, fourth)));
  }
}

/** Bits `shift` to `shift + width` of the indices of groups, as many to a byte as fit, lowest first; fills `count` bytes. */
export function packPlane(
  codes: usize, bytes: usize, count: usize, codesPerGroup: u32, bits: u32, offset: u32, shift: u32, width: u32,
): void {
  const end = bytes + count;
  if (width == 8 && shift == 0) {
    const whole = count & ~15;
    packLow(codes, bytes, whole, codesPerGroup, bits, offset);
    codes += whole * codesPerGroup;
    bytes += whole;
  }
  const mask = (1 << width) - 1;
  for (; bytes < end; bytes++) {
    let byte: u32 = 0;
    for (let place: u32 = 0; place < 8; place += width) {
      byte |= (indexOf(codes, codesPerGroup, bits, offset) >> shift & mask) << place;
      codes += codesPerGroup;
    }
    store<u8>(bytes, byte);
  }
}
