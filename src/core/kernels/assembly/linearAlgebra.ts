/**
 * c += a · b for one block, row-major and packed: c[rows × stride], a[rows × depth], b[depth × stride], all float32.
 * `rows` is a multiple of 4, `stride` of 8. Each element adds its products up in order, so that blocks in turn give what one
 * plain loop gives.
 */
export function multiplyBlock(a: usize, b: usize, c: usize, rows: usize, depth: usize, stride: usize): void {
  const aRow = depth << 2;
  const bRow = stride << 2;
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
      for (let p: usize = 0; p < aRow; p += 4) {
        const b0 = v128.load(from);
        const b1 = v128.load(from, 16);
        from += bRow;
        let x = v128.load_splat<f32>(a0 + p);
        c00 = f32x4.add(c00, f32x4.mul(x, b0));
        c01 = f32x4.add(c01, f32x4.mul(x, b1));
        x = v128.load_splat<f32>(a1 + p);
        c10 = f32x4.add(c10, f32x4.mul(x, b0));
        c11 = f32x4.add(c11, f32x4.mul(x, b1));
        x = v128.load_splat<f32>(a2 + p);
        c20 = f32x4.add(c20, f32x4.mul(x, b0));
        c21 = f32x4.add(c21, f32x4.mul(x, b1));
        x = v128.load_splat<f32>(a3 + p);
        c30 = f32x4.add(c30, f32x4.mul(x, b0));
        c31 = f32x4.add(c31, f32x4.mul(x, b1));
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

/** y += alpha · x over `count` float32, a multiple of 4. */
export function axpy(y: usize, alpha: f32, x: usize, count: usize): void {
  const factor = f32x4.splat(alpha);
  for (let at: usize = 0; at < count << 2; at += 16) {
    v128.store(y + at, f32x4.add(v128.load(y + at), f32x4.mul(factor, v128.load(x + at))));
  }
}
