import type { LayerOption, LayerOptions } from '../core/allocation/layerOptions';
import type { LayerInputs } from '../core/calibration/layerInputs';
import { quantizeCalibrated } from '../core/calibration/quantizeCalibrated';
import type { CopyFormat } from '../core/encodings/copyFormat';
import { throwIfCancelled, type CancelSignal, type Job } from '../core/job';
import { relativeNoise, type Prediction } from '../core/metrics/errorMeasures';
import { bitsPerElement } from '../core/onnx/dataType';
import type { Layer } from '../core/onnx/layer';
import { encodedBytes } from '../core/onnx/planCopy';
import { readWeights } from '../core/onnx/weights';
import { uncalibrated } from '../core/plan/calibrationSettings';
import { completeSettings, scopeOf, type LayerSettings, type PartialSettings } from '../core/plan/layerSettings';
import type { CalibrationData } from '../core/plan/plan';
import type { LayerToAllocate } from '../protocol/allocation';
import { captureLayers } from './calibrateModel';
import { quantizePlanned } from './layerPreview';
import type { OpenModel } from './modelCache';
import { layerAt, quantizeContext, tensorOf, unusableLayers } from './modelWeights';
import { partOfJob } from './partOfJob';

/** What is measured: copies of a format; errors of outputs where there is calibration data, else of weights. */
export interface Measured {
  format: CopyFormat;
  calibration: CalibrationData | undefined;
}

/** What noise without any signal counts as, -120 dB: sums over layers stay numbers. */
const MOST_NOISE = 1e12;
/** How much of the job running the network takes, for its progress. */
const CAPTURE = 0.3;

/**
 * What each layer would take and lose at every width its method has, measured over all its weights. Widths at which a copy
 * would not be smaller in any company are no options; layers whose weights cannot be quantized are left out.
 */
export async function layerOptions(
  model: OpenModel, layers: LayerToAllocate[], { format, calibration }: Measured, job: Job,
): Promise<LayerOptions[]> {
  const unusable = unusableLayers(model, layers, job.signal);
  const usable = layers.filter(({ layer }) => !unusable.has(layer) && layerAt(model.index, layer).quantizable === true);
  const start = calibration ? CAPTURE : 0;
  const captured = calibration
    ? (await captureLayers(model, usable.map(({ layer }) => layer), calibration, partOfJob(job, 0, start))).inputs
    : new Map<number, LayerInputs>();
  const measuring = partOfJob(job, start, 1);
  const total = usable.reduce((sum, { layer }) => sum + layerAt(model.index, layer).elements, 0);
  let done = 0;
  return usable.map(({ layer: index, settings }) => {
    throwIfCancelled(job.signal);
    const layer = layerAt(model.index, index);
    const noiseOf = noiseMeasure(model, layer, captured.get(index), job.signal);
    const { onProgress } = partOfJob(measuring, done / total, (done + layer.elements) / total);
    const options = widthOptions(model, layer, settings, format, noiseOf, onProgress);
    done += layer.elements;
    return { layer: index, ...options };
  });
}

/**
 * Noise relative to the signal: of outputs where the layer's inputs are known as a whole, else of weights, rounded to nearest. These
 * are read anew for each width, as they may be too many for memory.
 */
function noiseMeasure(
  model: OpenModel, layer: Layer, captured: LayerInputs | undefined, signal: CancelSignal | undefined,
): (settings: LayerSettings) => number {
  const errorOf = captured ? outputError(model, layer, captured, signal) : (settings: LayerSettings) => (
    quantizePlanned(model, { layer: layer.index, settings: uncalibrated(settings) }, signal).sums
  );
  return (settings) => Math.min(relativeNoise(errorOf(settings)), MOST_NOISE);
}

function outputError(
  model: OpenModel, layer: Layer, captured: LayerInputs, signal: CancelSignal | undefined,
): (settings: LayerSettings) => Prediction {
  const weights = readWeights(model.files, tensorOf(model.index, layer), signal);
  return (settings) => quantizeCalibrated(weights, layer, settings, captured, quantizeContext(model, settings, signal)).output!;
}

function widthOptions(
  model: OpenModel, layer: Layer, partial: PartialSettings, format: CopyFormat, noiseOf: (settings: LayerSettings) => number,
  onProgress: Job['onProgress'],
): Pick<LayerOptions, 'options' | 'notSmaller'> {
  const { method } = completeSettings(partial);
  const widths = scopeOf(method, 8).bits.map((bits) => {
    const settings = completeSettings({ ...partial, bits });
    return { bits, settings, bytes: encodedBytes(model.index, { layer: layer.index, settings }, format) };
  });
  const smaller = widths.filter(({ bytes }) => bytes < layer.bytes);
  const options = smaller.map(({ bits, settings, bytes }, i): LayerOption => {
    const option = { bits, weightBits: layer.elements * bits, bytes, noise: noiseOf(settings) };
    onProgress?.((i + 1) / smaller.length);
    return option;
  });
  const notSmaller = widths.filter((width) => !smaller.includes(width)).map(({ bits }) => bits);
  return { options: [...options, floatOption(layer)], notSmaller };
}

function floatOption({ elements, bytes, dtype }: Layer): LayerOption {
  return { bits: 'float', weightBits: elements * bitsPerElement(dtype), bytes, noise: 0 };
}
