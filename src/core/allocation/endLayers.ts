import type { Layer } from '../onnx/layer';
import type { BitWidth } from '../plan/layerSettings';
import type { LayerOptions } from './allocateBits';

/**
 * The first and the last layer of a network that can be quantized, fixed transforms left aside: layers are in the order of the
 * first nodes that consume them, and nodes are sorted topologically.
 */
export function endLayers(layers: readonly Layer[]): number[] {
  const ends = layers.filter(({ quantizable, fixed }) => quantizable === true && fixed === undefined).map(({ index }) => index);
  return [...new Set([...ends.slice(0, 1), ...ends.slice(-1)])];
}

/**
 * Leaves some layers no choice but one width, or the widest below it that they have. Networks are often kept wide at their ends,
 * where errors cost more than elsewhere (Zhou et al., DoReFa-Net, 2016, section 2.7).
 */
export function withFixedWidth(layers: readonly LayerOptions[], fixed: readonly number[], bits: BitWidth): LayerOptions[] {
  return layers.map((each) => {
    const { layer, options } = each;
    const widths = options.filter((option) => option.bits !== 'float');
    if (!fixed.includes(layer) || widths.length === 0) return each;
    const only = widths.filter((option) => Number(option.bits) <= bits).at(-1) ?? widths[0]!;
    return { ...each, options: [only, options.at(-1)!] };
  });
}
