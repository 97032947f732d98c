import type { LayerInputs } from '../core/calibration/layerInputs';
import { quantizeCalibrated } from '../core/calibration/quantizeCalibrated';
import { channelRanges } from '../core/curves/channelRanges';
import { layerErrors } from '../core/curves/layerErrors';
import { layerSample, type Detail, type LayerSample } from '../core/curves/layerSample';
import { curveSettings, supportCurve } from '../core/curves/supportCurve';
import { tried, type TriedSettings } from '../core/curves/triedSettings';
import { CoreError } from '../core/errors';
import type { CancelSignal, Job } from '../core/job';
import { sqnrDb as decibels } from '../core/metrics/errorMeasures';
import type { Layer } from '../core/onnx/layer';
import { encodedBytes } from '../core/onnx/planCopy';
import { readWeights, weightChunks } from '../core/onnx/weights';
import { checkSettings } from '../core/plan/checkSettings';
import type { Granularity, LayerSettings, PlannedLayer } from '../core/plan/layerSettings';
import { storedType } from '../core/layerQuantizer';
import { quantizeLayer } from '../core/quantizeLayer';
import { weightGroup } from '../core/quantizers/weightGroup';
import { unusableReason } from '../core/quantizers/unusableWeights';
import type { ChannelRange, LayerErrors, SupportCurve, TriedLayer } from '../protocol/coreService';
import type { OpenModel } from './modelCache';
import { layerAt, layerMoments, quantizeContext, tensorOf } from './modelWeights';

/** One setting's figures, and what they are over. */
type Trial = Pick<LayerSample, 'detail' | 'weights'> & { tried: TriedSettings };

/**
 * Each of some settings on a layer; those that do not go with their method are left out. `approximate` is answered exactly
 * where that is as fast, but without outputs: these are measured where `exact` is asked for and what the layer is multiplied by
 * is given. Where granularities differ, so may what figures are over: the least is told.
 */
export function tryLayer(
  model: OpenModel, index: number, settings: LayerSettings[], detail: Detail, inputs: LayerInputs | undefined, job: Job,
): TriedLayer {
  const layer = usableLayer(model, index, job.signal);
  const legal = settings.filter((each) => checkSettings(each, {}) === null);
  const trialOf = detail === 'exact' ? exactTrials(model, layer, inputs, job.signal) : sampleTrials(model, layer, job.signal);
  const trials = legal.map((each, i) => {
    const trial = trialOf(each);
    job.onProgress?.((i + 1) / legal.length);
    return trial;
  });
  return {
    detail: trials.every((trial) => trial.detail === 'exact') ? 'exact' : 'approximate',
    weights: trials.reduce((least, { weights }) => Math.min(least, weights), layer.elements),
    tried: trials.map((trial) => withSize(model, layer, trial.tried)),
  };
}

function withSize({ index }: OpenModel, { index: layer, bytes }: Layer, trial: TriedSettings): TriedSettings {
  return encodedBytes(index, { layer, settings: trial.settings }) < bytes ? trial : { ...trial, notSmaller: true };
}

function exactTrials(
  model: OpenModel, layer: Layer, inputs: LayerInputs | undefined, signal: CancelSignal | undefined,
): (settings: LayerSettings) => Trial {
  const weights = readWeights(model.files, tensorOf(model.index, layer), signal);
  return (settings) => {
    const context = quantizeContext(model, settings, signal);
    const { quantized, output } = inputs
      ? quantizeCalibrated(weights, layer, settings, inputs, context)
      : { quantized: quantizeLayer(weights, layer, settings, context), output: null };
    const { sqnrDb, predictedSqnrDb } = quantized.error;
    const outputs = output && { outputSqnrDb: decibels(output.signal, output.noise) };
    return { detail: 'exact', weights: weights.length, tried: { settings, sqnrDb, predictedSqnrDb, ...outputs } };
  };
}

function sampleTrials(model: OpenModel, layer: Layer, signal: CancelSignal | undefined): (settings: LayerSettings) => Trial {
  const dtype = storedType(layer);
  return (settings) => {
    const sample = sampleOf(model, layer, settings.granularity, signal);
    const { detail, weights } = sample;
    return { detail, weights, tried: tried(sample, settings, dtype, quantizeContext(model, settings, signal)) };
  };
}

/** @throws CoreError `setting-invalid` on a limit that is no support */
export function plannedSupportCurve(
  model: OpenModel, { layer: index, settings: planned }: PlannedLayer, limits: number[], detail: Detail, { signal }: Job,
): SupportCurve {
  const layer = usableLayer(model, index, signal);
  const settings = curveSettings(planned);
  for (const support of limits) {
    const invalid = checkSettings({ ...settings, support }, { tensor: layer.name });
    if (invalid) throw new CoreError(invalid.code, invalid.place, invalid.detail);
  }
  const sample = detail === 'exact' ? wholeTensor(model, layer, signal) : sampleOf(model, layer, 'tensor', signal);
  return { layer: index, ...supportCurve(sample, settings, limits, storedType(layer), quantizeContext(model, settings, signal)) };
}

export function plannedErrors(model: OpenModel, planned: PlannedLayer, bins: number, { signal }: Job): LayerErrors {
  const layer = usableLayer(model, planned.layer, signal);
  const weights = readWeights(model.files, tensorOf(model.index, layer), signal);
  const quantized = quantizeLayer(weights, layer, planned.settings, quantizeContext(model, planned.settings, signal));
  return layerErrors(weights, layer, quantized, bins, signal);
}

export function layerChannelRanges(model: OpenModel, index: number, { signal }: Job): ChannelRange[] {
  const layer = usableLayer(model, index, signal);
  const weights = readWeights(model.files, tensorOf(model.index, layer), signal);
  return channelRanges(weights, layer, signal).map(({ channel, min, max, std }) => ({ channel, min, max, std }));
}

/** @throws CoreError `no-such-layer`; `not-quantizable` with reason `dtype-not-supported`, `empty`, `not-finite`, `too-large` or `too-small` */
function usableLayer(model: OpenModel, index: number, signal: CancelSignal | undefined): Layer {
  const layer = layerAt(model.index, index);
  const place = { tensor: layer.name };
  storedType(layer);
  if (layer.elements === 0) throw new CoreError('not-quantizable', place, { reason: 'empty' });
  const reason = unusableReason(layerMoments(model, layer, signal), layer.elements, layer.dtype);
  if (reason) throw new CoreError('not-quantizable', place, { reason });
  return layer;
}

function sampleOf(model: OpenModel, layer: Layer, granularity: Granularity, signal: CancelSignal | undefined): LayerSample {
  return model.samples.get(`${layer.index} ${granularity}`, () => {
    const chunks = () => weightChunks(model.files, tensorOf(model.index, layer), signal);
    return layerSample(layer, granularity, chunks, layerMoments(model, layer, signal), signal);
  });
}

function wholeTensor(model: OpenModel, layer: Layer, signal: CancelSignal | undefined): LayerSample {
  const weights = readWeights(model.files, tensorOf(model.index, layer), signal);
  return { detail: 'exact', weights: weights.length, groups: [weightGroup(weights, layer, signal)] };
}
