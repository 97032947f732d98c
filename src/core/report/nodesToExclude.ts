import type { ModelReport } from './modelReport';

/**
 * The nodes whose weights the plan leaves in float, as the JSON list that the `nodes_to_exclude` argument of ONNX Runtime's
 * quantization functions takes. A node that also reads a quantized weight is not among them; one without a name cannot be.
 */
export function nodesToExclude({ layers }: ModelReport): string {
  const nodesOf = (quantized: boolean): Set<string> => new Set(layers
    .filter((layer) => (layer.quantized !== null) === quantized)
    .flatMap(({ consumers }) => consumers.map(({ node }) => node))
    .filter((node) => node !== ''));
  const quantized = nodesOf(true);
  return `${JSON.stringify([...nodesOf(false)].filter((node) => !quantized.has(node)), null, 2)}\n`;
}
