/** The JSON documents scripts depend on, as examples. */
export const INSPECT_DOCUMENT = {
  model: { path: '', bytes: 0, producer: '', irVersion: 0, opsets: { '': 17 }, parameters: 0 },
  layers: [{
    index: 0, name: '', scope: '', op: 'Conv', node: '', consumers: [{ op: '', node: '', input: 0 }], dims: [0],
    dtype: 'float32', elements: 0, bytes: 0, quantizable: true, reason: null,
    quantized: { bits: 8, granularity: null, scale: { min: 0, max: 0 }, zeroPoint: { min: 0, max: 0 } },
    statistics: {
      exact: true, count: 0, nan: 0, inf: 0, zeros: 0, min: 0, max: 0, mean: 0, std: 0, median: 0,
      meanAbsDeviation: 0, kurtosis: 0,
      quantiles: { 0.01: 0, 0.1: 0, 0.25: 0, 0.5: 0, 0.75: 0, 0.9: 0, 0.99: 0 },
    },
    laplace: { location: 0, scale: 0, ks: 0, logLikelihood: 0 },
    gauss: { mean: 0, std: 0, ks: 0, logLikelihood: 0 },
    histogram: { min: 0, max: 0, counts: [0] },
  }],
};

export const REPORT_DOCUMENT = {
  layers: [{
    name: '', scope: '', method: 'uniform', bits: 4, granularity: 'channel', mse: 0, sqnrDb: 0, predictedSqnrDb: 0, maxAbsError: 0,
    cosine: 0, bytesBefore: 0, bytesAfter: 0, format: 'exact', rounding: 'nearest', outputSqnrDb: null,
  }],
  total: { bytesBefore: 0, bytesAfter: 0, averageBits: 0, sqnrDb: 0 },
  skipped: [{ name: '', scope: '', reason: '' }],
  output: 'out.onnx',
  verified: { maxAbsDifference: 0, wholeModel: '' },
  uncalibrated: [{ name: '', scope: '', reason: '' }],
  corrections: null,
  calibrationSamples: null,
};

const COMPARED_LAYER = { index: 0, name: '', scope: '', op: '', node: '', dims: [0], dtype: '', bits: null, elements: 0, bytes: 0 };
const COMPARED_MODEL = { path: '', bytes: 0, layers: 0, parameters: 0 };

export const COMPARE_DOCUMENT = {
  a: COMPARED_MODEL,
  b: COMPARED_MODEL,
  tolerance: 0,
  layers: [{
    name: '', state: 'equal', changes: [''], matchedBy: 'name', sqnrDb: 0, maxAbsDifference: 0, cosine: 0, beyondTolerance: 0,
    notFinite: 0, identical: true, reason: null, a: COMPARED_LAYER, b: COMPARED_LAYER,
  }],
  total: {
    equal: 0, changed: 0, notCompared: 0, onlyA: 0, onlyB: 0, sqnrDb: 0, maxAbsDifference: 0, cosine: 0,
  },
  outputs: {
    inputs: null,
    samples: 0,
    runtime: 'native',
    outputs: [{ name: '', nameB: '', dims: [0], sqnrDb: 0, maxAbsDifference: 0, cosine: 0, notFinite: 0, top1Agreement: 0 }],
    onlyA: [''],
    onlyB: [''],
    reason: null,
  },
};

const ACCURACY = { top1: 0, top5: 0 };

export const EVALUATE_DOCUMENT = {
  model: '', reference: '', copy: false, inputs: '', labels: '', samples: 0, runtime: 'native',
  evaluated: ACCURACY,
  referenceAccuracy: ACCURACY,
  agreement: 0,
  outputs: [{
    name: '', referenceName: '', dims: [0], sqnrDb: 0, maxAbsDifference: 0, cosine: 0, notFinite: 0, top1Agreement: 0,
  }],
};

/**
 * Where two documents differ in shape, as paths: keys, their order and types of values. Null stands for any value, and
 * items of arrays are compared with the example's only one.
 */
export function shapeDifferences(actual: unknown, example: unknown, path = '$'): string[] {
  if (actual === null || example === null) return [];
  if (Array.isArray(actual) && Array.isArray(example)) {
    return actual.flatMap((item, i) => shapeDifferences(item, example[0], `${path}[${i}]`));
  }
  if (typeof actual !== typeof example || Array.isArray(actual) !== Array.isArray(example)) return [`${path}: ${typeof actual}`];
  if (typeof actual !== 'object' || typeof example !== 'object' || path.endsWith('.opsets')) return [];
  const [keys, expected] = [Object.keys(actual).join(), Object.keys(example).join()];
  if (keys !== expected) return [`${path}: keys ${keys}`];
  return Object.entries(actual).flatMap(([key, value]) => (
    shapeDifferences(value, (example as Record<string, unknown>)[key], `${path}.${key}`)
  ));
}
