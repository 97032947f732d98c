/** W0(x) for x > 0: the w with w·e^w = x, by Newton's method on w + ln w = ln x, which converges quadratically. */
export function lambertW0(x: number): number {
  const target = Math.log(x);
  let w = Math.log1p(x);
  for (let step = w; Math.abs(step) > 1e-14 * w; ) {
    step = (w + Math.log(w) - target) / (1 + 1 / w);
    w -= step;
  }
  return w;
}
