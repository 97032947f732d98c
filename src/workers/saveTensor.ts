import type { Job } from '../core/job';
import { writeNpy } from '../core/report/npy';
import { writeAtomically } from '../platform/atomicFile';
import { sourceFiles } from '../platform/sourceFiles';
import type { SavedTensor, TensorTarget } from '../protocol/coreService';
import type { OpenModel } from './modelCache';
import { layerAt, tensorOf } from './modelWeights';

/**
 * Writes a layer's weights as a `.npy` file that appears whole or not at all.
 * @throws CoreError as `writeNpy` and `writeAtomically`
 */
export async function saveTensor(
  { files, index }: OpenModel, layerIndex: number, { path, force }: TensorTarget, job: Job,
): Promise<SavedTensor> {
  const tensor = tensorOf(index, layerAt(index, layerIndex));
  await writeAtomically({ path, force, sources: sourceFiles(index) }, (open) => writeNpy(files, tensor, open(''), job));
  return { path, dims: tensor.dims, dtype: tensor.dtype === 'bfloat16' ? 'float32' : tensor.dtype };
}
