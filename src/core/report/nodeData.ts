import type { ModelReport } from './modelReport';

/** From red to green; Model Explorer places values between the smallest and the largest of all nodes. */
const GRADIENT = [
  { stop: 0, bgColor: '#c62828' },
  { stop: 0.5, bgColor: '#f9a825' },
  { stop: 1, bgColor: '#2e7d32' },
];

/**
 * SQNR in decibels by node, as Model Explorer's custom node data for one graph: a map from the node's name to its value,
 * and colours. A node with several quantized weights shows the worst; a ratio that is infinite is no number to show.
 */
export function nodeData({ layers }: ModelReport): string {
  const worst = new Map<string, number>();
  for (const { consumers, quantized } of layers) {
    if (quantized === null || !Number.isFinite(quantized.sqnrDb)) continue;
    for (const { node } of consumers) {
      if (node !== '') worst.set(node, Math.min(quantized.sqnrDb, worst.get(node) ?? Infinity));
    }
  }
  const results = Object.fromEntries([...worst].map(([node, value]) => [node, { value }]));
  return `${JSON.stringify({ results, gradient: GRADIENT }, null, 2)}\n`;
}
