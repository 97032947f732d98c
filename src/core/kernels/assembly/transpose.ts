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

/** Four bytes to each of four rows, `row` bytes apart. */
// @ts-ignore: a decorator
@inline
function storeFours(at: usize, row: usize, fours: v128): void {
  v128.store_lane<u32>(at, fours, 0);
  v128.store_lane<u32>(at + row, fours, 1);
  v128.store_lane<u32>(at + 2 * row, fours, 2);
  v128.store_lane<u32>(at + 3 * row, fours, 3);
}

/** The way back for bytes: 16 of each of `columns` columns, `stride` bytes apart, to rows `row` bytes apart. */
export function transposeBytes(from: usize, stride: usize, columns: usize, rows: usize, row: usize): void {
  for (let end = rows + columns; rows < end; rows += 4, from += stride << 2) {
    const a = v128.load(from), b = v128.load(from + stride), c = v128.load(from + 2 * stride), d = v128.load(from + 3 * stride);
    const ab = v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const cd = v128.shuffle<u8>(c, d, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    storeFours(rows, row, v128.shuffle<u16>(ab, cd, 0, 8, 1, 9, 2, 10, 3, 11));
    storeFours(rows + 4 * row, row, v128.shuffle<u16>(ab, cd, 4, 12, 5, 13, 6, 14, 7, 15));
    const abAfter = v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    const cdAfter = v128.shuffle<u8>(c, d, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    storeFours(rows + 8 * row, row, v128.shuffle<u16>(abAfter, cdAfter, 0, 8, 1, 9, 2, 10, 3, 11));
    storeFours(rows + 12 * row, row, v128.shuffle<u16>(abAfter, cdAfter, 4, 12, 5, 13, 6, 14, 7, 15));
  }
}
