import type { Consumer } from '../onnx/layer';

/**
 * The nodes whose weights the plan leaves in float, as the JSON list that the `nodes_to_exclude` argument of ONNX Runtime's
 * quantization functions takes. A node that also reads a quantized weight is not among them; one without a name cannot be.
 */
export function nodesToExclude(layers: readonly { consumers: Consumer[]; quantized: boolean }[]): string {
  const nodesOf = (wanted: boolean): Set<string> => new Set(layers
    .filter(({ quantized }) => quantized === wanted)
    .flatMap(({ consumers }) => consumers.map(({ node }) => node))
    .filter((node) => node !== ''));
  const quantized = nodesOf(true);
  return `${JSON.stringify([...nodesOf(false)].filter((node) => !quantized.has(node)), null, 2)}\n`;
}
