/** Rows that are taken at a time: in a column, a cache line of float32. */
const ROWS: usize = 16;

/** `columns` float32, a multiple of 4, of each of 16 rows, `row` bytes apart, to as many columns, `stride` bytes apart. */
export function transposeSingles(rows: usize, row: usize, columns: usize, into: usize, stride: usize): void {
  for (let end = rows + (columns << 2); rows < end; rows += 16, into += stride << 2) {
    for (let i: usize = 0; i < ROWS; i += 4) {
      const from = rows + i * row;
      const to = into + (i << 2);
      const a = v128.load(from), b = v128.load(from + row), c = v128.load(from + 2 * row), d = v128.load(from + 3 * row);
      const ab = v128.shuffle<u32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
      v128.store(to, v128.shuffle<u64>(ab, cd, 0, 2));
      v128.store(to + stride, v128.shuffle<u64>(ab, cd, 1, 3));
      const abAfter = v128.shuffle<u32>(a, b, 2, 6, 3, 7), cdAfter = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
      v128.store(to + 2 * stride, v128.shuffle<u64>(abAfter, cdAfter, 0, 2));
      v128.store(to + 3 * stride, v128.shuffle<u64>(abAfter, cdAfter, 1, 3));
    }
  }
}

/** The first eight bytes of two, in turn. */
// @ts-ignore: a decorator
@inline
function inTurn(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

/** The last eight. */
// @ts-ignore: a decorator
@inline
function inTurnAfter(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** Eight bytes to each of two rows, the first of them given by its number. */
// @ts-ignore: a decorator
@inline
function storeRows(at: usize, row: usize, number: usize, two: v128): void {
  v128.store_lane<u64>(at + number * row, two, 0);
  v128.store_lane<u64>(at + (number + 1) * row, two, 1);
}

/** The way back for bytes: 16 of each of `columns` columns, `stride` bytes apart, to rows `row` bytes apart; a multiple of 8 of them. */
export function transposeBytes(from: usize, stride: usize, columns: usize, rows: usize, row: usize): void {
  for (let end = rows + columns; rows < end; rows += 8, from += stride << 3) {
    const a0 = v128.load(from), a1 = v128.load(from + stride), a2 = v128.load(from + 2 * stride), a3 = v128.load(from + 3 * stride);
    const a4 = v128.load(from + 4 * stride), a5 = v128.load(from + 5 * stride), a6 = v128.load(from + 6 * stride), a7 = v128.load(from + 7 * stride);
    // A perfect shuffle of all 128 bytes, three times.
    const b0 = inTurn(a0, a4), b1 = inTurnAfter(a0, a4), b2 = inTurn(a1, a5), b3 = inTurnAfter(a1, a5);
    const b4 = inTurn(a2, a6), b5 = inTurnAfter(a2, a6), b6 = inTurn(a3, a7), b7 = inTurnAfter(a3, a7);
    const c0 = inTurn(b0, b4), c1 = inTurnAfter(b0, b4), c2 = inTurn(b1, b5), c3 = inTurnAfter(b1, b5);
    const c4 = inTurn(b2, b6), c5 = inTurnAfter(b2, b6), c6 = inTurn(b3, b7), c7 = inTurnAfter(b3, b7);
    storeRows(rows, row, 0, inTurn(c0, c4));
    storeRows(rows, row, 2, inTurnAfter(c0, c4));
    storeRows(rows, row, 4, inTurn(c1, c5));
    storeRows(rows, row, 6, inTurnAfter(c1, c5));
    storeRows(rows, row, 8, inTurn(c2, c6));
    storeRows(rows, row, 10, inTurnAfter(c2, c6));
    storeRows(rows, row, 12, inTurn(c3, c7));
    storeRows(rows, row, 14, inTurnAfter(c3, c7));
  }
}
