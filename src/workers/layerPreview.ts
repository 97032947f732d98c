import { layerCut, liesInOne } from '../core/groups/stripes';
import type { LayerInputs } from '../core/calibration/layerInputs';
import { quantizeCalibrated, type MeasuredOutputs } from '../core/calibration/quantizeCalibrated';
import type { StoredCodes } from '../core/encodings/blueprint';
import { codeStream } from '../core/encodings/codeRun';
import type { CopyFormat } from '../core/encodings/copyFormat';
import { CoreError } from '../core/errors';
import { sqnrDb } from '../core/metrics/errorMeasures';
import type { ErrorSums } from '../core/metrics/errorSums';
import type { CancelSignal, Job } from '../core/job';
import { encodedBytes } from '../core/onnx/planCopy';
import { readWeights } from '../core/onnx/weights';
import { weightStripes } from '../core/onnx/weightStripes';
import type { PlannedLayer } from '../core/plan/layerSettings';
import { LayerQuantizer, type LayerCodebooks } from '../core/layerQuantizer';
import { quantizeLayer, quantizeStripes, type QuantizedLayer } from '../core/quantizeLayer';
import type { EqualizedLayers } from '../core/tuning/channelScales';
import type { CodebookDrawing, LayerPreview } from '../protocol/coreService';
import type { OpenModel } from './modelCache';
import { effectiveWeights, layerAt, quantizeContext, tensorOf } from './modelWeights';

/** A layer's weights as they would be stored, in an equalized copy or another; valid until the next layer's. */
export function quantizePlanned(
  model: OpenModel, { layer: layerIndex, settings }: PlannedLayer, signal: CancelSignal | undefined,
  equalized: EqualizedLayers = new Map(),
): QuantizedLayer {
  const layer = layerAt(model.index, layerIndex);
  const context = quantizeContext(model, settings, signal);
  if (equalized.has(layerIndex)) return quantizeLayer(effectiveWeights(model, layer, equalized, signal), layer, settings, context);
  const stripes = weightStripes(model.files, tensorOf(model.index, layer), layerCut(layer, settings.granularity), model.buffers, signal);
  return quantizeStripes(stripes, layer, settings, { ...context, buffer: model.buffers });
}

/**
 * The same for one who writes it, in less memory: codes come as the layer is quantized, where they do so in stored order.
 * @param done told the rest when the last of them has come
 */
export function streamPlanned(
  model: OpenModel, planned: PlannedLayer, signal: CancelSignal | undefined, done: (codebooks: LayerCodebooks) => void,
): StoredCodes {
  const { settings } = planned;
  const layer = layerAt(model.index, planned.layer);
  const cut = layerCut(layer, settings.granularity);
  if (cut && !liesInOne(layer.dims, cut)) {
    const quantized = quantizePlanned(model, planned, signal);
    done(quantized);
    return quantized;
  }
  const quantizer = new LayerQuantizer(layer, settings, quantizeContext(model, settings, signal));
  const stripes = weightStripes(model.files, tensorOf(model.index, layer), cut, model.buffers, signal);
  function* pieces(): Generator<Uint8Array, void> {
    // Only stripes in several pieces are transposed.
    for (const { codes } of quantizer.codes(stripes)) yield codes as Uint8Array;
    done(quantizer.result());
  }
  return { codes: codeStream(layer.elements, pieces()), codebooks: quantizer.codebooks };
}

/**
 * A layer as planned; with what it is multiplied by its outputs are measured, and it is rounded by them where that is planned.
 * Progress is that of rounding.
 */
export function previewLayer(
  model: OpenModel, planned: PlannedLayer, format: CopyFormat, inputs: LayerInputs | undefined, job: Job,
): LayerPreview {
  const { signal } = job;
  const bytesAfter = encodedBytes(model.index, planned, format);
  if (!inputs) return previewOf(model, planned, quantizePlanned(model, planned, signal), bytesAfter);
  const layer = layerAt(model.index, planned.layer);
  const { rows, columns } = inputs.matrix;
  if (rows * columns !== layer.elements) throw new CoreError('file-changed', { file: model.index.path });
  const weights = readWeights(model.files, tensorOf(model.index, layer), signal);
  const { settings } = planned;
  const context = { ...quantizeContext(model, settings, signal), ...job };
  const calibrated = quantizeCalibrated(weights, layer, settings, inputs, context);
  return previewOf(model, planned, calibrated.quantized, bytesAfter, calibrated);
}

/** What is told of a quantized layer: everything but its codes. */
export function previewOf(
  model: OpenModel, { layer: layerIndex, settings }: PlannedLayer, quantized: LayerCodebooks, bytesAfter: number,
  { output, fewPositions }: MeasuredOutputs = { output: null, fewPositions: null },
): LayerPreview {
  const { name, bytes } = layerAt(model.index, layerIndex);
  return {
    layer: layerIndex, name, settings, ...quantized.error, outputSqnrDb: output && sqnrDb(output.signal, output.noise), fewPositions,
    bytesBefore: bytes, bytesAfter, codebook: drawingOf(quantized),
  };
}

/** 10·log10 of the layers' summed squares over their summed squared errors; null without layers. */
export function totalSqnrDb(layers: ErrorSums[]): number | null {
  if (layers.length === 0) return null;
  const total = (part: 'signal' | 'noise'): number => layers.reduce((sum, each) => sum + each[part], 0);
  return sqnrDb(total('signal'), total('noise'));
}

function drawingOf({ codebooks, widest: { group, codebook, levels } }: LayerCodebooks): CodebookDrawing {
  const { thresholds, support } = codebook;
  return { levels: [...levels], thresholds: [...thresholds], support, channel: codebooks.length === 1 ? null : group };
}
