import type { Job } from '../core/job';

/** A job for one stage of a longer one, whose progress runs from `start` to `end`. */
export function partOfJob({ signal, onProgress }: Job, start: number, end: number): Job {
  return {
    ...(signal && { signal }),
    ...(onProgress && { onProgress: (fraction: number) => onProgress(start + fraction * (end - start)) }),
  };
}
