// @ts-ignore: a decorator
@inline
function addMul<T>(sum: v128, x: v128, y: v128): v128 {
  return v128.add<T>(sum, v128.mul<T>(x, y));
}

/**
 * c += a · b for one block, row-major and packed: c[rows × stride], a[rows × depth], b[depth × stride], all of type T. `rows`
 * is a multiple of 4, `stride` of as many as fill 32 bytes. Each element adds its products up in order, so that blocks in
 * turn give what one plain loop gives.
 */
// @ts-ignore: a decorator
@inline
function multiplyBlock<T>(a: usize, b: usize, c: usize, rows: usize, depth: usize, stride: usize): void {
  const aRow = depth * sizeof<T>();
  const bRow = stride * sizeof<T>();
  for (let column: usize = 0; column < bRow; column += 32) {
    for (let row: usize = 0; row < rows; row += 4) {
      const a0 = a + row * aRow;
      const a1 = a0 + aRow;
      const a2 = a1 + aRow;
      const a3 = a2 + aRow;
      const c0 = c + row * bRow + column;
      const c1 = c0 + bRow;
      const c2 = c1 + bRow;
      const c3 = c2 + bRow;
      let c00 = v128.load(c0), c01 = v128.load(c0, 16);
      let c10 = v128.load(c1), c11 = v128.load(c1, 16);
      let c20 = v128.load(c2), c21 = v128.load(c2, 16);
      let c30 = v128.load(c3), c31 = v128.load(c3, 16);
      let from = b + column;
      for (let p: usize = 0; p < aRow; p += sizeof<T>()) {
        const b0 = v128.load(from);
        const b1 = v128.load(from, 16);
        from += bRow;
        let x = v128.load_splat<T>(a0 + p);
        c00 = addMul<T>(c00, x, b0);
        c01 = addMul<T>(c01, x, b1);
        x = v128.load_splat<T>(a1 + p);
        c10 = addMul<T>(c10, x, b0);
        c11 = addMul<T>(c11, x, b1);
        x = v128.load_splat<T>(a2 + p);
        c20 = addMul<T>(c20, x, b0);
        c21 = addMul<T>(c21, x, b1);
        x = v128.load_splat<T>(a3 + p);
        c30 = addMul<T>(c30, x, b0);
        c31 = addMul<T>(c31, x, b1);
      }
      v128.store(c0, c00);
      v128.store(c0, c01, 16);
      v128.store(c1, c10);
      v128.store(c1, c11, 16);
      v128.store(c2, c20);
      v128.store(c2, c21, 16);
      v128.store(c3, c30);
      v128.store(c3, c31, 16);
    }
  }
}

/** `multiplyBlock` of float32: `stride` is a multiple of 8. */
export function multiplySingles(a: usize, b: usize, c: usize, rows: usize, depth: usize, stride: usize): void {
  multiplyBlock<f32>(a, b, c, rows, depth, stride);
}

/** `multiplyBlock` of float64: `stride` is a multiple of 4. */
export function multiplyDoubles(a: usize, b: usize, c: usize, rows: usize, depth: usize, stride: usize): void {
  multiplyBlock<f64>(a, b, c, rows, depth, stride);
}
