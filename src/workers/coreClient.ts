import type { CoreService } from '../protocol/coreService';
import type { CallOptions, WorkerPool } from './workerPool';

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
    previewLayer: (model, planned, options) => pool.run((worker, job) => worker.previewLayer(job, model, planned), options),
    copySize: (model, plan, options) => pool.run((worker, job) => worker.copySize(job, model, plan), options),
    previewModel: (model, plan, options) => pool.run((worker, job) => worker.previewModel(job, model, plan), options),
    quantizeModel: (model, plan, target, options) =>
      pool.run((worker, job) => worker.quantizeModel(job, model, plan, target), options),
  };
}
