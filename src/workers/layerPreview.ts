import type { OutputError } from '../core/calibration/outputError';
import { sqnrDb, type ErrorSums } from '../core/metrics/errorMeasures';
import type { CancelSignal } from '../core/job';
import { readWeights } from '../core/onnx/weights';
import type { PlannedLayer } from '../core/plan/layerSettings';
import { quantizeLayer, type QuantizedLayer } from '../core/quantizeLayer';
import type { CodebookDrawing, LayerPreview } from '../protocol/coreService';
import type { OpenModel } from './modelCache';
import { layerAt, quantizeContext, tensorOf } from './modelWeights';

/** A layer's weights as they would be stored. */
export function quantizePlanned(
  model: OpenModel, { layer: layerIndex, settings }: PlannedLayer, signal: CancelSignal | undefined,
): QuantizedLayer {
  const layer = layerAt(model.index, layerIndex);
  const weights = readWeights(model.files, tensorOf(model.index, layer), signal);
  return quantizeLayer(weights, layer, settings, quantizeContext(model, settings, signal));
}

/** What is told of a quantized layer: everything but its codes. */
export function previewOf(
  model: OpenModel, { layer: layerIndex, settings }: PlannedLayer, quantized: QuantizedLayer, bytesAfter: number,
  output: OutputError | null = null,
): LayerPreview {
  const { name, bytes } = layerAt(model.index, layerIndex);
  return {
    layer: layerIndex, name, settings, ...quantized.error, outputSqnrDb: output && sqnrDb(output.signal, output.noise), bytesBefore: bytes, bytesAfter,
    codebook: drawingOf(quantized),
  };
}

/** 10·log10 of the layers' summed squares over their summed squared errors; null without layers. */
export function totalSqnrDb(layers: ErrorSums[]): number | null {
  if (layers.length === 0) return null;
  const total = (part: 'signal' | 'noise'): number => layers.reduce((sum, each) => sum + each[part], 0);
  return sqnrDb(total('signal'), total('noise'));
}

function drawingOf({ codebooks, widest: { group, codebook, levels } }: QuantizedLayer): CodebookDrawing {
  const { thresholds, support } = codebook;
  return { levels: [...levels], thresholds: [...thresholds], support, channel: codebooks.length === 1 ? null : group };
}
