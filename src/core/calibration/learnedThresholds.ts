/** Intervals are not shorter, in initial steps: the authors' floor. */
const SHORTEST = 1e-3;

/** Fills `nodes` with d₀ = s and dᵢ = dᵢ₋₁ + aᵢ, from [s, a₁, …]: N2UQ's thresholds lie midway between neighbours. */
export function nodesOf(parameters: Float64Array, nodes: Float64Array): void {
  nodes[0] = parameters[0]!;
  for (let i = 1; i < nodes.length; i++) nodes[i] = nodes[i - 1]! + Math.max(parameters[i]!, SHORTEST);
}

/**
 * The gradient in (s, a) of Σ gⱼ E(xⱼ), where E is what G-STE puts in the place of the staircase of codes: straight from
 * node to node, 0 below the first and N − 1 above the last (Liu et al. 2022, as published). An interval at its floor has none.
 *
 * @param x ascending
 * @param order where the numbers of x stand in g
 */
export function thresholdGradient(
  x: Float64Array, order: Uint32Array, g: Float64Array, parameters: Float64Array, nodes: Float64Array, gradient: Float64Array,
): void {
  gradient.fill(0);
  let at = 0;
  while (at < x.length && x[at]! < nodes[0]!) at++;
  for (let i = 1; i < nodes.length; i++) {
    const left = nodes[i - 1]!;
    const right = nodes[i]!;
    let sum = 0;
    let moment = 0;
    for (; at < x.length && x[at]! < right; at++) {
      const each = g[order[at]!]!;
      sum += each;
      moment += each * (x[at]! - left);
    }
    const length = right - left;
    gradient[i]! -= moment / length ** 2;
    for (let before = 0; before < i; before++) gradient[before]! -= sum / length;
  }
  for (let i = 1; i < nodes.length; i++) if (!(parameters[i]! > SHORTEST)) gradient[i] = 0;
}
