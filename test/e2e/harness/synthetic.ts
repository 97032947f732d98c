import type { HostMessage, LayerRow, PageCodebook, PageStatistics, PlanRow } from '../../../src/protocol/page';

export type ModelMessage = Extract<HostMessage, { type: 'model' }>;
type Bits = NonNullable<PlanRow['bits']>;

const BINS = 256;
const OPS = ['Conv', 'Conv', 'Conv', 'Gemm', 'MatMul', 'LSTM'] as const;
/** Quantized, this layer would not be smaller. */
const STAYS_FLOAT = 7;
const MARKUP = '<img src=x onerror="document.title=1"><b>bold</b>';

/** A model message with made-up layers: one of ten already quantized, names of all lengths. */
export function syntheticModel(layerCount: number, injection = false): ModelMessage {
  const layers = Array.from({ length: layerCount }, (_, index) => syntheticLayer(index, injection));
  const plan = layers.map((layer) => planRow(layer, plannedBits(layer)));
  return {
    type: 'model',
    header: {
      fileName: injection ? `${MARKUP}.onnx` : 'resnet8_cifar10.onnx', producer: 'pytorch 1.13', opset: '13', layerCount,
      parameters: layers.reduce((sum, layer) => sum + layer.elements, 0),
      bytes: layers.reduce((sum, layer) => sum + layer.bytes, 0),
      missingFiles: [], canLocate: false, canQuantize: true,
    },
    layers,
    plan,
    budget: budgetOf(layers, plan),
  };
}

function syntheticLayer(index: number, injection: boolean): LayerRow {
  const op = OPS[index % OPS.length] ?? 'Conv';
  const channels = 16 << (index % 4);
  const dims = op === 'Conv' ? [channels, channels, 3, 3] : [channels * 4, channels];
  const elements = dims.reduce((product, size) => product * size, 1);
  const fixed = index % 10 === 9;
  const name = index % 7 === 3
    ? `StatefulPartitionedCall/model/backbone/stage_${index}/block_2/depthwise_conv2d/ReadVariableOp:0`
    : `layer${index}.conv.weight`;
  return {
    index, name: injection ? `${MARKUP}${index}` : name, scope: index % 13 === 12 ? 'If_7/then' : '',
    op, node: `/layer${index}/${op}`, dims, dtype: fixed ? 'int8' : 'float32', elements, bytes: elements * (fixed ? 1 : 4),
    reason: fixed ? 'These weights are already quantized.' : null,
    ...(fixed && { quantized: { bits: 8, granularity: 'channel', scale: null, zeroPoint: null } }),
  };
}

function plannedBits(layer: LayerRow): Bits | null {
  return layer.reason === null && layer.index % 3 !== 2 ? (([4, 8, 3, 2, 6] as const)[layer.index % 5] ?? 8) : null;
}

export function planRow(layer: LayerRow, bits: Bits | null): PlanRow {
  if (layer.reason !== null || bits === null) {
    return {
      index: layer.index, state: layer.reason === null ? 'float' : 'cannot', bits: null, method: null, granularity: null,
      sqnrDb: null, predictedSqnrDb: null, mse: null, maxAbsError: null, cosine: null, bytesAfter: null, note: null,
    };
  }
  if (layer.index === STAYS_FLOAT) {
    const note = 'it would not get smaller';
    return { ...planRow(layer, null), state: 'planned', bits, method: 'uniform', granularity: 'channel', note };
  }
  const scale = scaleOf(layer);
  const sqnrDb = 6.02 * bits - 4.3 - (layer.index % 5);
  return {
    index: layer.index, state: 'previewed', bits, method: 'uniform', granularity: 'channel',
    sqnrDb, predictedSqnrDb: sqnrDb - 0.4, mse: (2 * scale * scale) / 10 ** (sqnrDb / 10), maxAbsError: scale / 2, cosine: 1 - 10 ** (-sqnrDb / 10) / 2,
    bytesAfter: Math.ceil((layer.elements * bits) / 8) + 64, note: null,
  };
}

/** Outputs are some decibels better than weights, and of every sixth layer they are not known. */
export function withOutputs(row: PlanRow): PlanRow {
  if (row.sqnrDb === null) return row;
  if (row.index % 6 === 1) return { ...row, output: { state: 'unknown', reason: 'what is kept of all layers\' inputs takes 256 MB already' } };
  const rounding = row.index % 6 === 0 ? { rounding: 'gptq' as const } : {};
  return { ...row, ...rounding, output: { state: 'measured', sqnrDb: row.sqnrDb + 4 + (row.index % 4) } };
}

/** The same while layers are rounded by their outputs, the first one under way. */
export function beingRounded(row: PlanRow): PlanRow {
  if (row.rounding === undefined) return row;
  return { ...row, output: { state: 'pending', ...(row.index === 0 && { fraction: 0.4 }) } };
}

export function budgetOf(layers: readonly LayerRow[], plan: readonly PlanRow[]): ModelMessage['budget'] {
  const after = (layer: LayerRow): number => plan[layer.index]?.bytesAfter ?? layer.bytes;
  const elements = layers.reduce((sum, layer) => sum + layer.elements, 0);
  const bytesAfter = layers.reduce((sum, layer) => sum + after(layer), 0);
  const planned = plan.filter(({ bits }) => bits !== null);
  const measured = plan.filter((row) => row.sqnrDb !== null);
  const worst = measured.reduce<PlanRow | null>((a, b) => (a === null || (b.sqnrDb ?? 0) < (a.sqnrDb ?? 0) ? b : a), null);
  return {
    bytesBefore: layers.reduce((sum, layer) => sum + layer.bytes, 0),
    bytesAfter,
    averageBits: elements === 0 ? null : (bytesAfter * 8) / elements,
    plannedLayers: planned.length,
    quantizedAlready: layers.filter((layer) => layer.quantized).length,
    worst: worst && { index: worst.index, name: layers[worst.index]?.name ?? '', sqnrDb: worst.sqnrDb ?? 0, by: 'weights' },
  };
}

/** Statistics of a Laplacian, and a histogram that follows it with some roughness. */
export function statisticsOf(layer: LayerRow): PageStatistics {
  const scale = scaleOf(layer);
  const max = scale * (6 + (layer.index % 5));
  const width = (2 * max) / BINS;
  const counts = Array.from({ length: BINS }, (_, bin) => {
    const x = -max + (bin + 0.5) * width;
    const expected = (layer.elements * width * Math.exp(-Math.abs(x) / scale)) / (2 * scale);
    return Math.round(expected * (0.75 + 0.5 * noise(layer.index * BINS + bin)));
  });
  const quantile = (p: number): number => (p < 0.5 ? scale * Math.log(2 * p) : -scale * Math.log(2 - 2 * p));
  return {
    index: layer.index, count: layer.elements, nan: 0, inf: 0, zeros: layer.index, min: -max, max,
    mean: scale / 100, std: scale * Math.SQRT2, median: 0, meanAbsDeviation: scale, kurtosis: 3.02,
    quantiles: Object.fromEntries([0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99].map((p) => [String(p), quantile(p)])),
    laplace: { location: 0, scale, ks: 0.0213, logLikelihood: -layer.elements * Math.log(2 * scale * Math.E) },
    gauss: { location: scale / 100, scale: scale * Math.SQRT2, ks: 0.0731, logLikelihood: -layer.elements * Math.log(scale * 6) },
    histogram: { min: -max, max, counts },
    previous: null,
  };
}

/** As many weights in every bin: the peak of the density fitted to them is twice as high. */
export function flatStatisticsOf(layer: LayerRow): PageStatistics {
  const known = statisticsOf(layer);
  const half = scaleOf(layer) * 2;
  const counts = Array.from({ length: BINS }, () => Math.round(layer.elements / BINS));
  return { ...known, min: -half, max: half, histogram: { min: -half, max: half, counts } };
}

/** One weight far out leaves all others the bin in the middle. */
export function outlyingStatisticsOf(layer: LayerRow): PageStatistics {
  const known = statisticsOf(layer);
  const max = scaleOf(layer) * 4 * BINS;
  const counts = Array.from({ length: BINS }, (_, bin) => (bin === BINS / 2 ? layer.elements - 1 : 0));
  counts[BINS - 1] = 1;
  return { ...known, min: -max, max, histogram: { min: -max, max, counts } };
}

/** The same weights, farther from zero the more they moved since. */
export function previousOf(layer: LayerRow, ks: number): NonNullable<PageStatistics['previous']> {
  const { min, max, counts } = statisticsOf(layer).histogram;
  const wider = 1 + ks;
  return { histogram: { min: (min ?? 0) * wider, max: (max ?? 0) * wider, counts }, ks };
}

/** A uniform mid-rise codebook of `bits` bits that clips at five scales. */
export function codebookOf(layer: LayerRow, bits: number): PageCodebook {
  const limit = scaleOf(layer) * 5;
  const step = (2 * limit) / 2 ** bits;
  return {
    index: layer.index,
    levels: Array.from({ length: 2 ** bits }, (_, code) => -limit + (code + 0.5) * step),
    thresholds: Array.from({ length: 2 ** bits - 1 }, (_, code) => -limit + (code + 1) * step),
    support: [-limit, limit],
    channel: 3,
  };
}

function scaleOf(layer: LayerRow): number {
  return 0.02 + 0.013 * (layer.index % 11);
}

/** Between 0 and 1, always the same for the same seed. */
function noise(seed: number): number {
  const x = Math.sin(seed * 12.9898) * 43758.5453;
  return x - Math.floor(x);
}
