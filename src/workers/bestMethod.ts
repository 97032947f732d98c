import { bestMethod, type BestMethod } from '../core/bestMethod';
import type { CopyFormat } from '../core/encodings/copyFormat';
import type { Job } from '../core/job';
import { encodedBytes } from '../core/onnx/planCopy';
import { readWeights } from '../core/onnx/weights';
import type { PlannedLayer } from '../core/plan/layerSettings';
import type { OpenModel } from './modelCache';
import { layerAt, modelMoments, tensorOf } from './modelWeights';

/** The best method of one layer of a model, sizes being those of a copy in this format. */
export function bestMethodOf(
  model: OpenModel, { layer: index, settings: planned }: PlannedLayer, format: CopyFormat, job: Job,
): BestMethod {
  const layer = layerAt(model.index, index);
  const weights = readWeights(model.files, tensorOf(model.index, layer), job.signal);
  const bytesOf = (settings: PlannedLayer['settings']): number => encodedBytes(model.index, { layer: index, settings }, format);
  return bestMethod(weights, layer, planned, bytesOf, {
    ...job, ...(planned.normalize === 'model' && { modelMoments: modelMoments(model, job.signal) }),
  });
}
