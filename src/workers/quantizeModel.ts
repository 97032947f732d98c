import { basename } from 'node:path';
import { allCodes } from '../core/encodings/codeRun';
import type { CopyFormat } from '../core/encodings/copyFormat';
import { CoreError } from '../core/errors';
import { throwIfCancelled, type Job } from '../core/job';
import type { Layer } from '../core/onnx/layer';
import { writeCopy } from '../core/onnx/writeCopy';
import type { PlannedLayer } from '../core/plan/layerSettings';
import type { Tuning } from '../core/plan/plan';
import { isUnusable } from '../core/quantizers/unusableWeights';
import { reasonCounts } from '../core/plan/skipReason';
import { dequantized } from '../core/quantizeLayer';
import { writeAtomically, type OutputSink } from '../platform/atomicFile';
import { fileStamp } from '../platform/fileStamp';
import { sourceFiles } from '../platform/sourceFiles';
import type { QuantizeReport, QuantizeTarget, Verification } from '../protocol/coreService';
import { openRuntime } from '../runtime/openRuntime';
import { verifyCopy } from '../runtime/verifyCopy';
import { checkedWeights } from './checkedWeights';
import { newClaims, takeLayer } from './copyClaims';
import { copyJob, type CopyJob, type CopyParts, type QuantizedLayers } from './copyJob';
import { writeTogether, type HelpedJob, type ShareRequest } from './copyShare';
import type { OpenModel } from './modelCache';
import { unusableLayers } from './modelWeights';
import { partOfJob } from './partOfJob';

/** How much of a job calibration takes, for its progress. */
const CALIBRATION = 0.8;

/** Every layer that a copy would quantize, with its error; nothing is written. */
export async function previewModel(
  model: OpenModel, planned: PlannedLayer[], format: CopyFormat, tuning: Tuning, whole: Job,
): Promise<QuantizeReport> {
  const [calibrating, job] = stagesOf(whole, tuning);
  return withUsable(model, planned, tuning, job, async (unusable) => {
    const parts = { name: basename(model.index.path), format, tuning, unusable };
    const { plan, quantize, report } = await copyJob(model, planned, parts, calibrating);
    const total = plan.layers.reduce((sum, { layer }) => sum + layer.elements, 0);
    let done = 0;
    for (const { layer, settings } of plan.layers) {
      allCodes(quantize(layer, settings).codes);
      done += layer.elements;
      job.onProgress?.(done / total);
    }
    return report();
  });
}

/**
 * Writes a quantized copy, and lets ONNX Runtime read it back when `target.verify` says so, before it appears. Whatever
 * fails, no copy stays, and what stood in its place does.
 * @throws CoreError `nothing-to-quantize`, `file-changed` when a source file did meanwhile, and what planning, writing and
 *   verification throw
 */
export async function quantizeModel(
  model: OpenModel, planned: PlannedLayer[], target: QuantizeTarget, whole: HelpedJob,
): Promise<QuantizeReport> {
  const { path, format, force, verify, tuning = {} } = target;
  const { index } = model;
  const [calibrating, job] = stagesOf(whole, tuning);
  const [writing, verifying] = [partOfJob(job, 0, verify ? 0.6 : 1), partOfJob(job, 0.6, 1)];
  const sources = sourceFiles(index);
  const stamps = sources.map(fileStamp);
  return withUsable(model, planned, tuning, job, async (unusable) => {
    const parts = { name: basename(path), format, tuning, unusable };
    let copy: CopyJob | undefined;
    let others: QuantizedLayers | null = null;
    let verified: Verification | null = null;
    const outputs = await writeAtomically(
      { path, force, sources },
      async (open) => {
        copy = await copyJob(model, planned, parts, calibrating);
        requireLayers(copy, index.path);
        const help = isTuned(tuning) ? undefined : whole.askForHelp;
        others = await writeLayers(model, { planned, ...parts }, copy, open, { ...writing, ...(help && { askForHelp: help }) });
      },
      async (written) => {
        if (verify) verified = await verification(model, copy!, { path: written, name: path }, tuning, verifying);
        throwIfCancelled(job.signal);
        const changed = sources.find((source, i) => fileStamp(source) !== stamps[i]);
        if (changed !== undefined) throw new CoreError('file-changed', { file: changed });
      },
    );
    return { ...copy!.report(others ?? undefined), outputs, verified };
  });
}

function requireLayers({ plan: { layers, size } }: CopyJob, file: string): void {
  if (layers.length > 0) return;
  throw new CoreError('nothing-to-quantize', { file }, reasonCounts(size.skipped.map(({ reason }) => reason)));
}

/** Writes a copy, alone or with help. Returns what the helper quantized. */
async function writeLayers(
  { files, index }: OpenModel, parts: Omit<ShareRequest, 'path' | 'outputs' | 'claims'>, { plan, quantize }: CopyJob,
  open: (suffix: string) => OutputSink, { askForHelp, ...job }: HelpedJob,
): Promise<QuantizedLayers | null> {
  if (!askForHelp || plan.layers.length === 1) {
    writeCopy(files, index, plan, quantize, open, job);
    return null;
  }
  const claims = newClaims(index.layers.length);
  const sinks = new Map(['', ...(plan.external ? ['.data'] : [])].map((suffix) => [suffix, open(suffix)]));
  const outputs = [...sinks.values()].map(({ output }) => output);
  const share = { takes: ({ index: layer }: Layer) => takeLayer(claims, layer), rest: true };
  return writeTogether(claims, askForHelp({ ...parts, path: index.path, outputs, claims }), job.signal, (signal) => {
    writeCopy(files, index, plan, quantize, (suffix) => sinks.get(suffix)!, { ...job, signal }, share);
  });
}

/**
 * Does work that promises a size, and so has to know which layers' weights cannot be quantized and stay as they are. Nearly always
 * all can: that is assumed until the work meets others, unless calibration would be for nothing then.
 */
async function withUsable<T>(
  model: OpenModel, planned: PlannedLayer[], tuning: Tuning, { signal }: Job, work: (unusable: CopyParts['unusable']) => Promise<T>,
): Promise<T> {
  if (isTuned(tuning)) return work(unusableLayers(model, planned, signal));
  try {
    return await work(new Map());
  } catch (error) {
    if (!(error instanceof CoreError && isUnusable(error.problem.detail['reason']))) throw error;
    return work(unusableLayers(model, planned, signal));
  }
}

function isTuned({ calibration, biasCorrection, equalization }: Tuning): boolean {
  return calibration !== undefined || biasCorrection === true || equalization === true;
}

/** Each layer is quantized once more, so that one at a time is in memory; of calibrated ones codes are kept. */
async function verification(
  model: OpenModel, { plan, quantized }: CopyJob, copy: { path: string; name: string }, { equalization }: Tuning, job: Job,
): Promise<Verification> {
  const settings = new Map(plan.layers.map((encoded) => [encoded.layer, encoded.settings]));
  const expected = (layer: Layer): Float32Array => {
    const result = quantized(layer, settings.get(layer)!);
    // Equalized weights are not those of the source.
    return equalization ? dequantized(result, job.signal) : checkedWeights(model, layer, result, copy.name, job.signal);
  };
  return verifyCopy(await openRuntime(), { ...copy, source: model.index, layers: plan.layers, expected }, job);
}

function stagesOf(job: Job, { calibration }: Tuning): [calibrating: Job, rest: Job] {
  const end = calibration ? CALIBRATION : 0;
  return [partOfJob(job, 0, end), partOfJob(job, end, 1)];
}
