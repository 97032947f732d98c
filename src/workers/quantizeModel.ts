import { basename } from 'node:path';
import type { CopyFormat } from '../core/encodings/copyFormat';
import { CoreError } from '../core/errors';
import { throwIfCancelled, type Job } from '../core/job';
import type { ErrorSums } from '../core/metrics/errorSums';
import type { Layer } from '../core/onnx/layer';
import { planCopy, type CopyPlan } from '../core/onnx/planCopy';
import { writeCopy } from '../core/onnx/writeCopy';
import type { LayerSettings, PlannedLayer } from '../core/plan/layerSettings';
import type { Tuning } from '../core/plan/plan';
import { dequantized, type QuantizedLayer } from '../core/quantizeLayer';
import { writeAtomically } from '../platform/atomicFile';
import { fileStamp } from '../platform/fileStamp';
import type { LayerPreview, QuantizeReport, QuantizeTarget, Verification } from '../protocol/coreService';
import { openRuntime } from '../runtime/openRuntime';
import { verifyCopy } from '../runtime/verifyCopy';
import { calibrationOf } from './calibrateModel';
import { previewOf, quantizePlanned, totalSqnrDb } from './layerPreview';
import type { OpenModel } from './modelCache';
import { layerAt, sourceFiles, unusableLayers } from './modelWeights';
import { partOfJob } from './partOfJob';
import { tuneCopy } from './tuneCopy';

/** How much of a job calibration takes, for its progress. */
const CALIBRATION = 0.8;

/** Every layer that a copy would quantize, with its error; nothing is written. */
export async function previewModel(
  model: OpenModel, planned: PlannedLayer[], format: CopyFormat, tuning: Tuning, whole: Job,
): Promise<QuantizeReport> {
  const [calibrating, job] = stagesOf(whole, tuning);
  const { plan, quantize, report } = await copyJob(model, planned, { name: basename(model.index.path), format, tuning }, calibrating);
  const total = plan.layers.reduce((sum, { layer }) => sum + layer.elements, 0);
  let done = 0;
  for (const { layer, settings } of plan.layers) {
    quantize(layer, settings);
    done += layer.elements;
    job.onProgress?.(done / total);
  }
  return report();
}

/**
 * Writes a quantized copy, and lets ONNX Runtime read it back when `target.verify` says so, before it appears. Whatever
 * fails, no copy stays, and what stood in its place does.
 * @throws CoreError `nothing-to-quantize`, `file-changed` when a source file did meanwhile, and what planning, writing and
 *   verification throw
 */
export async function quantizeModel(
  model: OpenModel, planned: PlannedLayer[], { path, format, force, verify, tuning = {} }: QuantizeTarget, whole: Job,
): Promise<QuantizeReport> {
  const { files, index } = model;
  const [calibrating, job] = stagesOf(whole, tuning);
  const [writing, verifying] = [partOfJob(job, 0, verify ? 0.6 : 1), partOfJob(job, 0.6, 1)];
  const sources = sourceFiles(index);
  const stamps = sources.map(fileStamp);
  let copy: CopyJob | undefined;
  let verified: Verification | null = null;
  const outputs = await writeAtomically(
    { path, force, sources },
    async (open) => {
      copy = await copyJob(model, planned, { name: basename(path), format, tuning }, calibrating);
      if (copy.plan.layers.length === 0) throw new CoreError('nothing-to-quantize', { file: index.path });
      writeCopy(files, index, copy.plan, copy.quantize, open, writing);
    },
    async (written) => {
      if (verify) verified = await verification(model, copy!, { path: written, name: path }, verifying);
      throwIfCancelled(job.signal);
      const changed = sources.find((source, i) => fileStamp(source) !== stamps[i]);
      if (changed !== undefined) throw new CoreError('file-changed', { file: changed });
    },
  );
  return { ...copy!.report(), outputs, verified };
}

/** Each layer is quantized once more, so that one at a time is in memory; of calibrated ones codes are kept. */
async function verification(
  model: OpenModel, { plan, quantized }: CopyJob, copy: { path: string; name: string }, job: Job,
): Promise<Verification> {
  const settings = new Map(plan.layers.map((encoded) => [encoded.layer, encoded.settings]));
  const expected = (layer: Layer): Float32Array => dequantized(quantized(layer, settings.get(layer)!), job.signal);
  return verifyCopy(await openRuntime(), { ...copy, source: model.index, layers: plan.layers, expected }, job);
}

interface CopyJob {
  plan: CopyPlan;
  /** A layer as the copy has it. */
  quantized: (layer: { index: number }, settings: LayerSettings) => QuantizedLayer;
  /** The same, added to the report. */
  quantize: CopyJob['quantized'];
  /** Of the layers quantized so far. */
  report: () => QuantizeReport;
}

interface Copy {
  name: string;
  format: CopyFormat;
  tuning: Tuning;
}

/** Plans a copy, and calibrates the layers that it quantizes. */
async function copyJob(model: OpenModel, planned: PlannedLayer[], { name, format, tuning }: Copy, job: Job): Promise<CopyJob> {
  const { signal } = job;
  const calibration = calibrationOf(model, planned, tuning);
  const options = { format, unusable: unusableLayers(model, planned, signal) };
  // Which biases change follows from the layers that a copy quantizes, and its size from both.
  const tuned = tuneCopy(model, planCopy(model.index, calibration.planned, name, options).layers, tuning, signal);
  const constants = [...tuned.biases.values()].map(({ constant }) => constant);
  const plan = planCopy(model.index, calibration.planned, name, { ...options, constants });
  const calibrated = await calibration.run(plan.layers.map(({ layer, settings }) => ({ layer: layer.index, settings })), tuned, job);
  const bytesAfter = new Map(plan.size.layers.map((layer) => [layer.layer, layer.bytesAfter]));
  const layers: LayerPreview[] = [];
  const sums: ErrorSums[] = [];
  const quantized: CopyJob['quantized'] = ({ index: layer }, settings) => (
    calibrated.quantized.get(layer) ?? quantizePlanned(model, { layer, settings }, signal, tuned.equalized)
  );
  const uncalibrated = [...calibration.reasons].map(([layer, reason]) => (
    { layer, name: layerAt(model.index, layer).name, reason }
  ));
  return {
    plan,
    quantized,
    quantize(layer, settings) {
      const result = quantized(layer, settings);
      const output = calibrated.outputs.get(layer.index);
      layers.push(previewOf(model, { layer: layer.index, settings }, result, bytesAfter.get(layer.index)!, output));
      sums.push(result.sums);
      return result;
    },
    report: () => ({
      // Not as they lie in the file, which is the order they were quantized in.
      format, layers: layers.sort((a, b) => a.layer - b.layer), size: plan.size, sqnrDb: totalSqnrDb(sums), uncalibrated, corrections: tuned.corrections, outputs: [], verified: null,
    }),
  };
}

function stagesOf(job: Job, { calibration }: Tuning): [calibrating: Job, rest: Job] {
  const end = calibration ? CALIBRATION : 0;
  return [partOfJob(job, 0, end), partOfJob(job, end, 1)];
}
