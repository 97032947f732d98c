import { basename } from 'node:path';
import type { CopyFormat } from '../core/encodings/copyFormat';
import { CoreError } from '../core/errors';
import { throwIfCancelled, type Job } from '../core/job';
import type { ErrorSums } from '../core/metrics/errorMeasures';
import type { Layer } from '../core/onnx/layer';
import { planCopy, type CopyPlan } from '../core/onnx/planCopy';
import { writeCopy } from '../core/onnx/writeCopy';
import type { LayerSettings, PlannedLayer } from '../core/plan/layerSettings';
import { dequantized } from '../core/quantizeLayer';
import { writeAtomically } from '../platform/atomicFile';
import { fileStamp } from '../platform/fileStamp';
import type { LayerPreview, QuantizeReport, QuantizeTarget, Verification } from '../protocol/coreService';
import { openRuntime } from '../runtime/openRuntime';
import { verifyCopy } from '../runtime/verifyCopy';
import { previewOf, quantizePlanned, totalSqnrDb } from './layerPreview';
import type { OpenModel } from './modelCache';
import { sourceFiles, unusableLayers } from './modelWeights';
import { partOfJob } from './partOfJob';

/** Every layer that a copy would quantize, with its error; nothing is written. */
export function previewModel(model: OpenModel, planned: PlannedLayer[], format: CopyFormat, job: Job): QuantizeReport {
  const { plan, quantize, report } = copyJob(model, planned, { name: basename(model.index.path), format }, job);
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
  model: OpenModel, planned: PlannedLayer[], { path, format, force, verify }: QuantizeTarget, job: Job,
): Promise<QuantizeReport> {
  const { files, index } = model;
  const [writing, verifying] = [partOfJob(job, 0, verify ? 0.6 : 1), partOfJob(job, 0.6, 1)];
  const sources = sourceFiles(index);
  const stamps = sources.map(fileStamp);
  let copy: CopyJob | undefined;
  let verified: Verification | null = null;
  const outputs = await writeAtomically(
    { path, force, sources },
    (open) => {
      copy = copyJob(model, planned, { name: basename(path), format }, job);
      if (copy.plan.layers.length === 0) throw new CoreError('nothing-to-quantize', { file: index.path });
      writeCopy(files, index, copy.plan, copy.quantize, open, writing);
    },
    async (written) => {
      if (verify) verified = await verification(model, copy!.plan, { path: written, name: path }, verifying);
      throwIfCancelled(job.signal);
      const changed = sources.find((source, i) => fileStamp(source) !== stamps[i]);
      if (changed !== undefined) throw new CoreError('file-changed', { file: changed });
    },
  );
  return { ...copy!.report(), outputs, verified };
}

/** Each layer is quantized once more, so that one at a time is in memory. */
async function verification(
  model: OpenModel, plan: CopyPlan, copy: { path: string; name: string }, job: Job,
): Promise<Verification> {
  const settings = new Map(plan.layers.map((encoded) => [encoded.layer, encoded.settings]));
  const expected = (layer: Layer): Float32Array => (
    dequantized(quantizePlanned(model, { layer: layer.index, settings: settings.get(layer)! }, job.signal), job.signal)
  );
  return verifyCopy(await openRuntime(), { ...copy, source: model.index, layers: plan.layers, expected }, job);
}

interface CopyJob {
  plan: CopyPlan;
  /** Quantizes a layer for the copy and adds it to the report. */
  quantize: (layer: { index: number }, settings: LayerSettings) => ReturnType<typeof quantizePlanned>;
  /** Of the layers quantized so far. */
  report: () => QuantizeReport;
}

function copyJob(
  model: OpenModel, planned: PlannedLayer[], { name, format }: { name: string; format: CopyFormat }, { signal }: Job,
): CopyJob {
  const plan = planCopy(model.index, planned, name, { format, unusable: unusableLayers(model, planned, signal) });
  const bytesAfter = new Map(plan.size.layers.map((layer) => [layer.layer, layer.bytesAfter]));
  const layers: LayerPreview[] = [];
  const sums: ErrorSums[] = [];
  return {
    plan,
    quantize({ index: layer }, settings) {
      const quantized = quantizePlanned(model, { layer, settings }, signal);
      layers.push(previewOf(model, { layer, settings }, quantized, bytesAfter.get(layer)!));
      sums.push(quantized.sums);
      return quantized;
    },
    report: () => ({ format, layers, size: plan.size, sqnrDb: totalSqnrDb(sums), outputs: [], verified: null }),
  };
}
