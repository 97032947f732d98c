import type { BitWidth, LayerSettings } from '../plan/layerSettings';
import { bestScale } from './bestScale';
import { midpoints } from './source';
import { UNIT_LAPLACIAN } from './unitLaplacian';
import type { Shape, UnitGroup } from './unitQuantizer';

/** Where SPTQ and MSPTQ differ: thresholds at the cells' edges, or midway between levels. */
export type SegmentThresholds = 'edges' | 'midpoints';

/**
 * Cells whose widths are powers of two, in units of the step Δ. Two bits are as published (Perić, Aleksić, Nikolić and
 * Tomić, Mathematics 10(19):3435, 2022): cells of Δ and 2Δ, levels in their middles Δ/2 and 2Δ, support 3Δ.
 *
 * For 3 to 8 bits the generalisation is ours: doubling every cell would waste levels near zero, so the 2^(bits−1)
 * positive cells come in `segments` of equally many, each with cells twice as wide as the one before, as in A-law.
 */
export function segmentedShape(bits: number, segments: number, where: SegmentThresholds): Shape {
  const half = 2 ** (bits - 1);
  const perSegment = half / segments;
  const levels: number[] = [];
  const edges: number[] = [];
  let edge = 0;
  for (let j = 0; j < half; j++) {
    const width = 2 ** Math.floor(j / perSegment);
    levels.push(edge + width / 2);
    edge += width;
    edges.push(edge);
  }
  const all = Float32Array.from([...levels.map((y) => -y).reverse(), ...levels]);
  const inner = edges.slice(0, -1);
  const thresholds = Float64Array.from([...inner.map((t) => -t).reverse(), 0, ...inner]);
  return { levels: all, thresholds: where === 'edges' ? thresholds : midpoints(all), limit: edge };
}

/** Segments that lose least on the Laplacian. */
export function defaultSegments(bits: BitWidth): number {
  return bits <= 3 ? 2 : 4;
}

const unitSteps = new Map<string, number>();

/** The step of least distortion on the unit Laplacian. */
export function unitStep(bits: number, segments: number, where: SegmentThresholds): number {
  const key = `${bits} ${segments} ${where}`;
  let step = unitSteps.get(key);
  if (step === undefined) {
    step = bestScale(UNIT_LAPLACIAN, segmentedShape(bits, segments, where));
    unitSteps.set(key, step);
  }
  return step;
}

/** The step that settings ask for, in normalised units. `iterated` is the method's own rule at two bits. */
export function segmentStep(
  shape: Shape, group: UnitGroup, { bits, fit, mode }: LayerSettings, where: SegmentThresholds, iterated: () => number,
): number {
  const modelled = mode === 'iterative' ? iterated() : unitStep(bits, defaultSegments(bits), where);
  return fit === 'model' ? modelled : bestScale(group.weights(), shape, [modelled]);
}

/** Where a contraction stops: repeats `next` until it changes by less than 1e-12. */
export function fixedPoint(next: (step: number) => number): number {
  let step = HUI_STEP;
  for (let before = NaN; Math.abs(step - before) >= 1e-12 || Number.isNaN(before);) {
    before = step;
    step = next(step);
  }
  return step;
}

/** The leading term of the asymptotically best support of four levels, √2·ln 4, over the three steps of these quantizers. */
export const HUI_STEP = (Math.SQRT2 * Math.log(4)) / 3;
