import { layerKey, type Layer } from '../core/onnx/layer';

/** Layers whose name or key matches: `*` stands for any characters, slashes and dots included, and `?` for one. */
export function matchingLayers(glob: string, layers: readonly Layer[]): Layer[] {
  const pattern = globPattern(glob);
  return layers.filter((layer) => pattern.test(layer.name) || pattern.test(layerKey(layer)));
}

function globPattern(glob: string): RegExp {
  const source = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*+/g, '.*').replace(/\?/g, '.');
  return new RegExp(`^${source}$`, 'su');
}
