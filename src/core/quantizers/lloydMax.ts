import type { BitWidth, LayerSettings } from '../plan/layerSettings';
import { lloydIteration } from './lloydIteration';
import type { Quantizer } from './quantizer';
import { midpoints } from './source';
import { shapeQuantizer, unitQuantizer, type Shape } from './unitQuantizer';

const onModel = shapeQuantizer(({ bits }) => laplaceLloydMax(bits), () => 1);
const onData = unitQuantizer((group, { bits }) => {
  const levels = lloydIteration(group.weights(), laplaceLloydMax(bits).levels, group.signal);
  return { levels, thresholds: midpoints(levels), support: [levels[0]!, levels.at(-1)!] };
});

/**
 * The Lloyd–Max quantizer (Max, 1960; Lloyd, 1982): levels are the centroids of their cells, thresholds midway between
 * levels. `fit: model` is the one of the Laplacian, scaled to the weights; `fit: data` continues from there on the weights.
 */
export const lloydMax: Quantizer = {
  unitLevels: (settings: LayerSettings) => (settings.fit === 'model' ? laplaceLloydMax(settings.bits).levels : null),
  design: (group, settings, normalizer, signal) => (
    (settings.fit === 'model' ? onModel : onData).design(group, settings, normalizer, signal)
  ),
};

const designs = new Map<number, Shape>();

/** The Lloyd–Max quantizer of 2^bits levels for the unit Laplacian. */
export function laplaceLloydMax(bits: BitWidth): Shape {
  let design = designs.get(bits);
  if (design === undefined) {
    const levels = positiveLevels(2 ** (bits - 1));
    const all = Float64Array.from([...levels.map((y) => -y).reverse(), ...levels]);
    design = { levels: Float32Array.from(all), thresholds: midpoints(all), limit: levels.at(-1)! };
    designs.set(bits, design);
  }
  return design;
}

/**
 * The positive half from outside in, without iteration. The exponential density has no memory: the centroid of a cell
 * lies at a distance from its inner edge that depends on its width alone, 1/√2 for the overload cell. The threshold being
 * midway, its inner neighbour's level lies as far below that edge, which leaves one equation for that cell's width.
 * The derivation is ours; it gives the fixed point of Lloyd's iteration.
 */
function positiveLevels(count: number): number[] {
  const aboveEdge = [Math.SQRT1_2];
  const widths: number[] = [];
  for (let k = 1; k < count; k++) {
    const width = widthBelow(aboveEdge[0]!);
    widths.unshift(width);
    aboveEdge.unshift(width - aboveEdge[0]!);
  }
  let edge = 0;
  return aboveEdge.map((distance, k) => {
    const level = edge + distance;
    edge += widths[k] ?? 0;
    return level;
  });
}

/** The width h of a cell whose centroid lies `distance` below its outer edge: h − centroid(h) = distance, by bisection. */
function widthBelow(distance: number): number {
  // The density falls, so the centroid lies in the inner half of the cell and h < 2·distance.
  let low = distance;
  let high = 2 * distance;
  for (let middle = (low + high) / 2; low < middle && middle < high; middle = (low + high) / 2) {
    if (middle - centroid(middle) < distance) low = middle;
    else high = middle;
  }
  return high;
}

/** Distance from the inner edge of a cell of width h to its centroid. */
function centroid(h: number): number {
  return Math.SQRT1_2 - h / Math.expm1(Math.SQRT2 * h);
}
