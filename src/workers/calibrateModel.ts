import { calibratedLayers } from '../core/calibration/calibratedLayers';
import type { LayerInputs } from '../core/calibration/layerInputs';
import { isDivided, type CalibratedLayer, type UncalibratedReason } from '../core/calibration/layerMatrix';
import { quantizeCalibrated, type MeasuredOutputs } from '../core/calibration/quantizeCalibrated';
import { requireData } from '../core/calibration/requireData';
import { CoreError } from '../core/errors';
import { throwIfCancelled, type CancelSignal, type Job } from '../core/job';
import type { FloatArray } from '../core/onnx/dataType';
import { readNetwork } from '../core/onnx/indexModel';
import { calibratesLevels, needsCalibration, uncalibrated } from '../core/plan/calibrationSettings';
import type { PlannedLayer } from '../core/plan/layerSettings';
import { DEFAULT_SAMPLES, type CalibrationData, type Tuning } from '../core/plan/plan';
import { dequantized, type QuantizedLayer } from '../core/quantizeLayer';
import { correctBias } from '../core/tuning/correctBias';
import { constantRecord } from '../core/tuning/newBias';
import { captureMoments, type Capture } from '../runtime/captureMoments';
import { fileStamp } from '../platform/fileStamp';
import type { CalibrationInputs } from '../protocol/coreService';
import { readInputs } from '../runtime/inputs/readInputs';
import { openRuntime } from '../runtime/openRuntime';
import { quantizePlanned } from './layerPreview';
import type { OpenModel } from './modelCache';
import { effectiveWeights, layerAt, quantizeContext } from './modelWeights';
import { partOfJob } from './partOfJob';
import type { TunedCopy } from './tuneCopy';

/** ONNX Runtime holds the whole model, and so do we while it is handed over. */
const MAX_CALIBRATED_BYTES = 512 * 1024 * 1024;
/** How much of a layer's time running the network takes, for the progress. */
const CAPTURE = 0.3;

/** How planned layers are calibrated. */
export interface Calibration {
  /** As planned, but that layers whose inputs cannot be had are rounded to nearest. */
  planned: PlannedLayer[];
  /** Those layers, where the plan asks for more. */
  reasons: Map<number, UncalibratedReason>;
  /** Calibrates these, the layers that a copy quantizes, and corrects its biases; what was done last is not done again. */
  run(layers: readonly PlannedLayer[], tuned: TunedCopy, job: Job): Promise<CalibratedCopy>;
}

/** What calibration made of a copy's layers, by layer. */
export interface CalibratedCopy {
  /** Of layers that are not rounded to nearest. */
  quantized: Map<number, QuantizedLayer>;
  /** What that does to outputs on the calibration inputs. */
  outputs: Map<number, MeasuredOutputs>;
  /** Biases that were corrected. */
  biases: Map<number, FloatArray>;
  /** Null where no layer was calibrated. */
  inputs: CalibrationInputs | null;
}

function nothing(): CalibratedCopy {
  return { quantized: new Map(), outputs: new Map(), biases: new Map(), inputs: null };
}

/**
 * How to calibrate planned layers on a plan's calibration data; without data, not at all.
 * @throws CoreError `calibration-missing`, `calibration-impossible` for a model that is too large, `cancelled`
 */
export function calibrationOf(
  model: OpenModel, planned: PlannedLayer[], tuning: Tuning, signal: CancelSignal | undefined,
): Calibration {
  const { index, files } = model;
  const { calibration } = tuning;
  requireData(planned, tuning, index.layers, index.path);
  if (!calibration) return { planned, reasons: new Map(), run: async () => nothing() };
  requireSmall(model);
  const network = readNetwork(files, signal);
  const { layers, reasons } = calibratedLayers(index, network, planned.map(({ layer }) => layer));
  const matrices = new Map(layers.map((each) => [each.layer.index, each]));
  for (const { layer, settings } of planned) {
    // Blocks of an output's inputs would each end in levels of their own.
    const matrix = matrices.get(layer)?.matrix;
    if (matrix && isDivided(matrix) && calibratesLevels(settings)) reasons.set(layer, 'too-many-inputs');
  }
  const fitted = planned.map(({ layer, settings }) => (
    { layer, settings: reasons.has(layer) ? uncalibrated(settings) : settings }
  ));
  const needed = new Set(planned.filter(({ settings }) => needsCalibration(settings)).map(({ layer }) => layer));
  return {
    planned: fitted,
    reasons: new Map([...reasons].filter(([layer]) => needed.has(layer))),
    async run(chosen, tuned, job) {
      const key = JSON.stringify([index.path, model.version, fileStamp(calibration.inputs), tuning, chosen]);
      const kept = model.calibrations.get(key);
      if (kept) {
        for (const [layer, values] of kept.biases) tuned.corrected.get(layer)!.values.set(values);
        return kept;
      }
      const capture = { files, index, network, ...captureInputs(calibration), replaced: new Map(), replacedNodes: new Map() };
      const copy = await calibrateInOrder(model, chosen, { file: calibration.inputs, matrices, tuned, capture }, job);
      model.calibrations.keep(key, copy);
      return copy;
    },
  };
}

/**
 * Moments of the inputs of these layers, all layers being in float, by layer; those whose inputs cannot be had, or only in
 * blocks, are left out. Tells whether bytes of the data were divided by 255.
 * @throws CoreError `calibration-impossible`, `inputs-invalid`, `runtime-failed`, `cancelled`
 */
export async function captureLayers(
  model: OpenModel, layers: readonly number[], calibration: CalibrationData, job: Job,
): Promise<{ inputs: Map<number, LayerInputs>; scaled: boolean }> {
  requireSmall(model);
  const { index, files } = model;
  const network = readNetwork(files, job.signal);
  const found = calibratedLayers(index, network, layers).layers.filter(({ matrix }) => !isDivided(matrix));
  const capture = { files, index, network, ...captureInputs(calibration), replaced: new Map<number, Float32Array>() };
  const { moments, scaled } = await captureFrom(calibration.inputs, await openRuntime(), capture, found, job);
  return { inputs: new Map(found.map(({ layer, matrix }, i) => [layer.index, { matrix, moments: moments[i]! }])), scaled };
}

/** @throws CoreError `calibration-impossible` */
function requireSmall({ index: { path, bytes } }: OpenModel): void {
  if (bytes <= MAX_CALIBRATED_BYTES) return;
  throw new CoreError('calibration-impossible', { file: path }, { what: 'bytes', limit: MAX_CALIBRATED_BYTES });
}

function captureInputs({ inputs, samples = DEFAULT_SAMPLES, ...options }: CalibrationData): Pick<Capture, 'arrays' | 'options' | 'samples'> {
  return { arrays: readInputs(inputs), options, samples };
}

/** As `captureMoments`, but what is wrong with the data is said of its file. */
async function captureFrom(file: string, ...capture: Parameters<typeof captureMoments>): ReturnType<typeof captureMoments> {
  try {
    return await captureMoments(...capture);
  } catch (error) {
    if (!(error instanceof CoreError) || error.problem.code !== 'inputs-invalid') throw error;
    throw new CoreError('inputs-invalid', { file }, error.problem.detail);
  }
}

interface CalibrationRun {
  file: string;
  matrices: ReadonlyMap<number, CalibratedLayer>;
  tuned: TunedCopy;
  capture: Capture & { replaced: Map<number, FloatArray>; replacedNodes: Map<number, Uint8Array> };
}

/** Layer by layer in network order, each on inputs from the network whose earlier layers are quantized. */
async function calibrateInOrder(
  model: OpenModel, chosen: readonly PlannedLayer[], { file, matrices, tuned, capture }: CalibrationRun, job: Job,
): Promise<CalibratedCopy> {
  const copy = nothing();
  const runtime = await openRuntime();
  const inOrder = [...chosen].sort((a, b) => a.layer - b.layer);
  for (const [i, planned] of inOrder.entries()) {
    throwIfCancelled(job.signal);
    const layer = layerAt(model.index, planned.layer);
    const own = matrices.get(planned.layer);
    let quantized: QuantizedLayer;
    if (own) {
      const part = partOfJob(job, i / inOrder.length, (i + 1) / inOrder.length);
      const { moments: [moments], ...inputs } = await captureFrom(file, runtime, capture, [own], partOfJob(part, 0, CAPTURE));
      const weights = effectiveWeights(model, layer, tuned.equalized, job.signal);
      const calibrated = quantizeCalibrated(weights, layer, planned.settings, { matrix: own.matrix, moments: moments! }, {
        ...quantizeContext(model, planned.settings, job.signal), ...partOfJob(part, CAPTURE, 1),
      });
      const { output, fewPositions } = calibrated;
      quantized = calibrated.quantized;
      copy.outputs.set(layer.index, { output, fewPositions });
      copy.inputs = inputs;
      if (needsCalibration(planned.settings)) copy.quantized.set(layer.index, quantized);
      const bias = tuned.corrected.get(layer.index);
      if (bias) {
        correctBias(bias.values, weights, dequantized(quantized, job.signal), own.matrix, moments!);
        copy.biases.set(layer.index, bias.values);
      }
    } else {
      quantized = quantizePlanned(model, planned, job.signal, tuned.equalized);
    }
    if (layer.scope === '') capture.replaced.set(layer.tensor, dequantized(quantized, job.signal));
    const bias = tuned.biases.get(layer.index);
    if (bias && bias.tensor !== null) capture.replaced.set(bias.tensor, bias.values);
    else if (bias) capture.replacedNodes.set(bias.constant.replaced.offset, constantRecord(bias.constant));
  }
  return copy;
}
