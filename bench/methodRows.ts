import type { PartialSettings } from '../src/core/plan/layerSettings';

/** A line of the tables: a quantizer as it is set there, beside the bit width. */
export interface MethodRow {
  name: string;
  settings: PartialSettings;
  /** Spreads its levels to the largest weight, which a density does not have. */
  needsRange?: true;
}

const layer = { normalize: 'layer' } as const;

export const METHOD_ROWS: MethodRow[] = [
  {
    name: 'uniform, symmetric, abs-max (RTN)',
    settings: { method: 'uniform', grid: 'symmetric', support: 'abs-max' },
    needsRange: true,
  },
  { name: 'uniform, symmetric, mse', settings: { method: 'uniform', grid: 'symmetric', support: 'mse' } },
  { name: 'uniform, mid-rise, jayant', settings: { method: 'uniform', grid: 'mid-rise', support: 'jayant', ...layer } },
  { name: 'uniform, mid-rise, mse', settings: { method: 'uniform', grid: 'mid-rise', support: 'mse', ...layer } },
  { name: 'SPTQ, Laplace design', settings: { method: 'sptq', fit: 'model', ...layer } },
  { name: 'SPTQ, on the weights', settings: { method: 'sptq', fit: 'data', ...layer } },
  { name: 'MSPTQ, Laplace design', settings: { method: 'msptq', fit: 'model', ...layer } },
  { name: 'MSPTQ, on the weights', settings: { method: 'msptq', fit: 'data', ...layer } },
  { name: 'Lloyd–Max, Laplace design', settings: { method: 'lloyd-max', fit: 'model', ...layer } },
  { name: 'Lloyd–Max, on the weights', settings: { method: 'lloyd-max', fit: 'data', ...layer } },
  { name: 'SubsetQ', settings: { method: 'subset' } },
  { name: 'APoT', settings: { method: 'apot', ...layer } },
  { name: 'PWLQ', settings: { method: 'pwlq', ...layer }, needsRange: true },
  { name: 'N2UQ, free grid (mse)', settings: { method: 'n2uq', mode: 'mse' } },
  { name: 'N2UQ, entropy', settings: { method: 'n2uq', mode: 'entropy' } },
  { name: 'N2UQ, as published (a device of training)', settings: { method: 'n2uq', mode: 'published' } },
];
