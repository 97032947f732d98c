import { basename } from 'node:path';
import type { Job } from '../core/job';
import type { ModelIndex } from '../core/onnx/modelIndex';
import { encodedBytes, planCopy } from '../core/onnx/planCopy';
import { weightChunks } from '../core/onnx/weights';
import { layerStatistics } from '../core/statistics/layerStatistics';
import type { CoreService, ModelSummary, Outcome } from '../protocol/coreService';
import { previewOf, quantizePlanned } from './layerPreview';
import { createModelCache } from './modelCache';
import { layerAt, tensorOf } from './modelWeights';
import { previewModel, quantizeModel } from './quantizeModel';

type ValueOf<Result> = Result extends Promise<Outcome<infer Value>> ? Value : never;

/** The core's service as jobs that throw a `CoreError` where the service answers with a problem. */
export type CoreJobs = {
  [Method in keyof CoreService]:
  (job: Job, ...args: Parameters<CoreService[Method]>) => Promise<ValueOf<ReturnType<CoreService[Method]>>>;
};

/** The service over models opened by path or given as bytes. */
export function coreJobs(): CoreJobs {
  const withModel = createModelCache();
  return {
    openModel: (job, location) => withModel(location, job, ({ index }) => summaryOf(index)),
    layerStatistics: (job, location, layer, bins) => withModel(location, job, ({ files, index }) => {
      const tensor = tensorOf(index, layerAt(index, layer));
      return layerStatistics(() => weightChunks(files, tensor), bins, job.signal);
    }),
    previewLayer: (job, location, planned) => withModel(location, job, (model) => (
      previewOf(model, planned, quantizePlanned(model, planned, job.signal), encodedBytes(model.index, planned))
    )),
    copySize: (job, location, plan) => withModel(location, job, ({ index }) => (
      planCopy(index, plan, basename(index.path)).size
    )),
    previewModel: (job, location, plan) => withModel(location, job, (model) => previewModel(model, plan, job)),
    quantizeModel: (job, location, plan, target) => withModel(location, job, (model) => quantizeModel(model, plan, target, job)),
  };
}

function summaryOf(index: ModelIndex): ModelSummary {
  const { path, bytes, producer, irVersion, opsets, graphName, parameters, layers, externalFiles } = index;
  return { path, bytes, producer, irVersion, opsets, graphName, parameters, layers, externalFiles };
}
