import { basename } from 'node:path';
import { compareModels } from '../core/compare/compareModels';
import type { Job } from '../core/job';
import { CHUNK } from '../core/kernels/memoryMap';
import { chunkBuffer } from '../core/kernels/piece';
import { layerNodes } from '../core/onnx/layerNodes';
import { planCopy } from '../core/onnx/planCopy';
import { passingChunks } from '../core/onnx/weights';
import { layerStatistics } from '../core/statistics/layerStatistics';
import type { LayerToAllocate } from '../protocol/allocation';
import type { CoreService, ModelSummary, Outcome } from '../protocol/coreService';
import { compareOutputs } from '../runtime/compareOutputs';
import { openRuntime } from '../runtime/openRuntime';
import { bestMethodOf } from './bestMethod';
import { layerChannelRanges, plannedSupportCurve, plannedErrors, tryLayer } from './layerCurves';
import { previewLayer } from './layerPreview';
import { allocationCurves } from './allocationCurves';
import { chosenWidths } from './chosenWidths';
import { copyData } from './copyData';
import type { QuantizedLayers } from './copyJob';
import { helpWriting, type HelpedJob, type ShareRequest } from './copyShare';
import { codingLengths } from './codingLengths';
import { evaluateModel } from './evaluateModel';
import { floatInputs } from './floatInputs';
import { inputsFit } from './inputsFit';
import { layerOptions } from './layerOptions';
import { locatedData } from './locatedData';
import { createModelCache, type OpenModel } from './modelCache';
import { layerAt, tensorOf } from './modelWeights';
import { previewModel, quantizeModel } from './quantizeModel';
import { saveTensor } from './saveTensor';
import { skippedLayers } from './skippedLayers';

type ValueOf<Result> = Result extends Promise<Outcome<infer Value>> ? Value : never;

/** The core's service as jobs that throw a `CoreError` where the service answers with a problem. */
export type CoreJobs = {
  [Method in keyof CoreService]:
  (job: HelpedJob, ...args: Parameters<CoreService[Method]>) => Promise<ValueOf<ReturnType<CoreService[Method]>>>;
} & {
  helpWriting(job: Job, request: ShareRequest): Promise<QuantizedLayers>;
};

/** The service over models opened by path or given as bytes. */
export function coreJobs(): CoreJobs {
  const withModel = createModelCache();
  return {
    openModel: (job, location) => withModel(location, job, summaryOf),
    layerStatistics: (job, location, layer, bins) => withModel(location, job, ({ files, index }) => {
      const tensor = tensorOf(index, layerAt(index, layer));
      return layerStatistics(() => passingChunks(files, tensor, job.signal, CHUNK, chunkBuffer()), bins, job.signal);
    }, layer),
    previewLayer: (job, location, planned, format, inputs) => withModel(location, job, (model) => (
      previewLayer(model, planned, format, inputs, job)
    ), inputs ? undefined : readAlone(planned)),
    tryLayer: (job, location, layer, settings, detail, inputs) => withModel(location, job, (model) => (
      tryLayer(model, layer, settings, detail, inputs, job)
    )),
    supportCurve: (job, location, planned, limits, detail) => withModel(location, job, (model) => (
      plannedSupportCurve(model, planned, limits, detail, job)
    )),
    layerErrors: (job, location, planned, bins) => withModel(location, job, (model) => (
      plannedErrors(model, planned, bins, job)
    )),
    channelRanges: (job, location, layer) => withModel(location, job, (model) => layerChannelRanges(model, layer, job)),
    layerNodes: (job, location, layer, most) => withModel(location, job, ({ files, index }) => (
      layerNodes(files.main, index, layerAt(index, layer), most, job.signal)
    )),
    bestMethod: (job, location, planned, format) => withModel(location, job, (model) => (
      bestMethodOf(model, planned, format, job)
    ), readAlone(planned)),
    layerOptions: (job, location, layers, format, calibration) => withModel(location, job, (model) => (
      layerOptions(model, layers, { format, calibration }, job)
    ), layers.length === 1 && !calibration ? readAlone(layers[0]!) : undefined),
    codingLengths: (job, location, layers, measure) => withModel(location, job, (model) => (
      codingLengths(model, layers, measure, job)
    )),
    chooseWidths: (job, location, layers, options, request) => withModel(location, job, ({ index }) => (
      chosenWidths(index, layers, options, request)
    )),
    allocationCurves: (job, location, layers, options, format) => withModel(location, job, ({ index }) => (
      allocationCurves(index, layers, options, format)
    )),
    inputsFit: (job, location, file) => withModel(location, job, (model) => (
      inputsFit(model, file, job.signal)
    )),
    captureInputs: (job, location, layers, calibration) => withModel(location, job, (model) => (
      floatInputs(model, layers, calibration, job)
    )),
    copySize: (job, location, plan, format) => withModel(location, job, ({ index }) => (
      planCopy(index, plan, basename(index.path), { format }).size
    )),
    skippedLayers: (job, location, plan, format, tuning) => withModel(location, job, (model) => (
      skippedLayers(model, plan, format, tuning, job.signal)
    )),
    previewModel: (job, location, plan, format, tuning = {}) => withModel(location, job, (model) => (
      previewModel(model, plan, format, tuning, job)
    )),
    saveTensor: (job, location, layer, target) => withModel(location, job, (model) => saveTensor(model, layer, target, job)),
    locateData: (job, location, data) => withModel(location, job, ({ index }) => locatedData(index, data)),
    copyData: (job, location, data) => withModel(location, job, ({ index }) => copyData(index, data, job)),
    quantizeModel: (job, location, plan, target) => withModel(location, job, (model) => quantizeModel(model, plan, target, job)),
    helpWriting: (job, request) => withModel({ path: request.path }, job, (model) => helpWriting(model, request, job)),
    compareModels: (job, a, b, options) => withModel(a, job, (modelA) => (
      withModel(b, job, (modelB) => compareModels(modelA, modelB, options, job))
    )),
    compareOutputs: (job, a, b, inputs) => withModel(a, job, (modelA) => (
      withModel(b, job, async (modelB) => compareOutputs(await openRuntime(), modelA.index, modelB.index, inputs, job))
    )),
    evaluateModel: (job, location, reference, inputs) => withModel(location, job, (model) => (
      evaluateModel(withModel, model, reference, inputs, job)
    )),
  };
}

/** The layer, where its settings need nothing of other layers' weights. */
function readAlone({ layer, settings: { normalize } }: LayerToAllocate): number | undefined {
  return normalize === 'model' ? undefined : layer;
}

function summaryOf({ index, version }: OpenModel): ModelSummary {
  const { path, bytes, producer, irVersion, opsets, parameters, layers, externalFiles } = index;
  return { path, version, bytes, producer, irVersion, opsets, parameters, layers, externalFiles };
}
