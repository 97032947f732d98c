import type { Layer } from '../onnx/layer';
import type { BitWidth } from '../plan/layerSettings';
import { nearestOption, type LayerOptions } from './layerOptions';

/**
 * The first and the last layer of a network that can be quantized, fixed transforms left aside: layers are in the order of the
 * first nodes that consume them, and nodes are sorted topologically.
 */
export function endLayers(layers: readonly Layer[]): number[] {
  const ends = layers.filter(({ quantizable, fixed }) => quantizable === true && fixed === undefined).map(({ index }) => index);
  return [...new Set([...ends.slice(0, 1), ...ends.slice(-1)])];
}

/**
 * Leaves some layers no choice but what a plan of one width gives them. Networks are often kept wide at their ends, where errors
 * cost more than elsewhere (Zhou et al., DoReFa-Net, 2016, section 2.7).
 */
export function withFixedWidth(layers: readonly LayerOptions[], fixed: readonly number[], bits: BitWidth): LayerOptions[] {
  return layers.map((each) => {
    if (!fixed.includes(each.layer)) return each;
    const only = each.options[nearestOption(each, bits)]!;
    const float = each.options.at(-1)!;
    return { ...each, options: only === float ? [float] : [only, float], notSmaller: [] };
  });
}
