import { sharedGranularity } from '../core/groups/layerGroups';
import type { Layer } from '../core/onnx/layer';
import type { LayerStatistics } from '../core/statistics/layerStatistics';
import { reportedGainDb, type BestMethods } from './bestMethods';
import type { ModelSummary, QuantizeReport } from '../protocol/coreService';

/** A layer and its statistics, null where its weights are not floats that can be read. */
export interface InspectedLayer {
  layer: Layer;
  statistics: LayerStatistics | null;
}

/** One JSON document. Numbers that are not finite become null. */
export function jsonText(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** What `inspect --json` prints. Scripts depend on its shape. */
export function inspectDocument(model: ModelSummary, layers: InspectedLayer[]): unknown {
  const { path, bytes, producer, irVersion, opsets, parameters } = model;
  return { model: { path, bytes, producer, irVersion, opsets, parameters }, layers: layers.map(layerDocument) };
}

function layerDocument({ layer, statistics }: InspectedLayer): unknown {
  const { index, name, scope, consumers, dims, dtype, elements, bytes, quantizable, quantized, fixed } = layer;
  const [first] = consumers;
  const none = { laplace: null, gauss: null, histogram: null, sketch: null };
  const { laplace, gauss, histogram, sketch: _notPrinted, ...moments } = statistics ?? none;
  return {
    index, name, scope, op: first?.op ?? null, node: first?.node ?? null, consumers, dims, dtype, elements, bytes,
    quantizable: quantizable === true,
    reason: quantizable !== true ? quantizable.reason : fixed ? 'not-a-weight' : null,
    quantized: quantized ?? null,
    statistics: statistics && moments,
    laplace, gauss, histogram,
  };
}

/** What `preview --json` and `quantize --json` print of a model's layers. Scripts depend on its shape. */
export function reportDocument(report: QuantizeReport, best: BestMethods | null, layers: readonly Layer[]): unknown {
  const left = ({ layer, name, reason }: { layer: number; name: string; reason: string }): unknown => (
    { name, scope: layers[layer]!.scope, reason }
  );
  const { size, sqnrDb, outputs, verified } = report;
  const formats = new Map(size.layers.map(({ layer, format }) => [layer, format]));
  return {
    layers: report.layers.map(({ layer, name, settings: { method, bits, granularity, rounding }, ...measures }) => ({
      name, scope: layers[layer]!.scope, method, bits, granularity: sharedGranularity(layers[layer]!, granularity),
      mse: measures.mse,
      sqnrDb: measures.sqnrDb,
      predictedSqnrDb: measures.predictedSqnrDb,
      maxAbsError: measures.maxAbsError,
      cosine: measures.cosine,
      bytesBefore: measures.bytesBefore,
      bytesAfter: measures.bytesAfter,
      format: formats.get(layer) ?? null,
      rounding,
      outputSqnrDb: measures.outputSqnrDb,
      ...(best && { gainDb: best.get(layer)?.gainDb ?? null }),
    })),
    total: {
      bytesBefore: size.bytesBefore, bytesAfter: size.bytesAfter, averageBits: size.averageBits, sqnrDb,
      ...(best && { gainDb: reportedGainDb(report, best) }),
    },
    skipped: size.skipped.map(left),
    output: outputs[0] ?? null,
    verified: verified && { maxAbsDifference: verified.maxAbsDifference, wholeModel: verified.wholeModel },
    uncalibrated: report.uncalibrated.map(left),
    corrections: report.corrections && {
      ...report.corrections, uncorrected: report.corrections.uncorrected.map(left),
    },
    calibrationSamples: report.calibration?.samples ?? null,
  };
}
