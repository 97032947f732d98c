import type { Job } from '../core/job';
import type { ModelIndex } from '../core/onnx/modelIndex';
import { copyFile } from '../platform/copyFile';
import type { DataSource, LocatedData } from '../protocol/coreService';
import { checkedData } from './locatedData';

/**
 * Copies files to where the model looks for its external data. All are checked before the first is copied; those that were
 * copied when another fails, or the job is cancelled, stay.
 * @throws CoreError as `checkedData` and `copyFile`
 */
export async function copyData(index: ModelIndex, data: readonly DataSource[], job: Job): Promise<LocatedData[]> {
  const files = data.map((each) => checkedData(index, each));
  const all = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  for (const { source, target, bytes } of files) {
    await copyFile(source, target, { ...job, onProgress: (fraction) => job.onProgress?.((done + fraction * bytes) / Math.max(1, all)) });
    done += bytes;
  }
  return files;
}
