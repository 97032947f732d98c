import type { CoreService } from '../protocol/coreService';
import { itemByItem } from './itemByItem';
import type { CallOptions } from './pooledJob';
import type { WorkerPool } from './workerPool';

/** The core as its callers have it: each call may be cancelled, watched and put in front of others. */
export type CoreClient = {
  [Method in keyof CoreService]:
  (...args: [...Parameters<CoreService[Method]>, options?: CallOptions]) => ReturnType<CoreService[Method]>;
};

/** The core's service, each call run by one of the pool's workers. */
export function createCoreClient(pool: WorkerPool): CoreClient {
  return {
    openModel: (model, options) => pool.run((worker, job) => worker.openModel(job, model), options),
    layerStatistics: (model, layer, bins, options) =>
      pool.run((worker, job) => worker.layerStatistics(job, model, layer, bins), options),
    previewLayer: (model, planned, format, inputs, options) =>
      pool.run((worker, job) => worker.previewLayer(job, model, planned, format, inputs), options),
    tryLayer: (model, layer, settings, detail, inputs, options) =>
      pool.run((worker, job) => worker.tryLayer(job, model, layer, settings, detail, inputs), options),
    supportCurve: (model, planned, limits, detail, options) =>
      pool.run((worker, job) => worker.supportCurve(job, model, planned, limits, detail), options),
    layerErrors: (model, planned, bins, options) =>
      pool.run((worker, job) => worker.layerErrors(job, model, planned, bins), options),
    channelRanges: (model, layer, options) => pool.run((worker, job) => worker.channelRanges(job, model, layer), options),
    layerNodes: (model, layer, most, options) => pool.run((worker, job) => worker.layerNodes(job, model, layer, most), options),
    bestMethod: (model, planned, format, options) =>
      pool.run((worker, job) => worker.bestMethod(job, model, planned, format), options),
    layerOptions(model, layers, format, calibration, options) {
      const measure = (some: typeof layers, own: typeof options): ReturnType<CoreService['layerOptions']> => (
        pool.run((worker, job) => worker.layerOptions(job, model, some, format, calibration), own)
      );
      // Inputs are captured by running the network, for all layers at once.
      return calibration ? measure(layers, options) : itemByItem(layers, (layer, own) => measure([layer], own), options);
    },
    codingLengths: (model, layers, measure, options) =>
      pool.run((worker, job) => worker.codingLengths(job, model, layers, measure), options),
    chooseWidths: (model, layers, measured, request, options) =>
      pool.run((worker, job) => worker.chooseWidths(job, model, layers, measured, request), options),
    allocationCurves: (model, layers, measured, format, options) =>
      pool.run((worker, job) => worker.allocationCurves(job, model, layers, measured, format), options),
    inputsFit: (model, file, options) => pool.run((worker, job) => worker.inputsFit(job, model, file), options),
    captureInputs: (model, layers, calibration, options) =>
      pool.run((worker, job) => worker.captureInputs(job, model, layers, calibration), options),
    copySize: (model, plan, format, options) => pool.run((worker, job) => worker.copySize(job, model, plan, format), options),
    skippedLayers: (model, plan, format, tuning, options) =>
      pool.run((worker, job) => worker.skippedLayers(job, model, plan, format, tuning), options),
    previewModel: (model, plan, format, tuning, options) =>
      pool.run((worker, job) => worker.previewModel(job, model, plan, format, tuning), options),
    saveTensor: (model, layer, target, options) =>
      pool.run((worker, job) => worker.saveTensor(job, model, layer, target), options),
    locateData: (model, data, options) => pool.run((worker, job) => worker.locateData(job, model, data), options),
    copyData: (model, data, options) => pool.run((worker, job) => worker.copyData(job, model, data), options),
    quantizeModel: (model, plan, target, options) =>
      pool.run((worker, job) => worker.quantizeModel(job, model, plan, target), options),
    compareModels: (a, b, compare, options) => pool.run((worker, job) => worker.compareModels(job, a, b, compare), options),
    compareOutputs: (a, b, inputs, options) => pool.run((worker, job) => worker.compareOutputs(job, a, b, inputs), options),
    evaluateModel: (model, reference, inputs, options) =>
      pool.run((worker, job) => worker.evaluateModel(job, model, reference, inputs), options),
  };
}
