import type { FloatArray } from '../onnx/dataType';

/** A channel's weights lie in `outer` runs of `inner`, one run of each channel after the other. */
export interface Channels {
  count: number;
  outer: number;
  inner: number;
}

/** How `elements` weights of shape `dims` divide into the channels of `axis`; null makes one channel of all. */
export function channelsOf(dims: number[], axis: number | null, elements: number): Channels {
  if (axis === null) return { count: 1, outer: 1, inner: elements };
  const count = dims[axis] as number;
  const inner = dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  return { count, outer: elements / (count * inner), inner };
}

/** Visits a channel's weights in order, as index ranges [start, end) of the tensor. */
export function forEachRun(
  { count, outer, inner }: Channels, channel: number, visit: (start: number, end: number) => void,
): void {
  for (let run = 0; run < outer; run++) {
    const start = (run * count + channel) * inner;
    visit(start, start + inner);
  }
}

/** Copies one channel out of a tensor. */
export function gather(weights: FloatArray, channels: Channels, channel: number, into: FloatArray): void {
  let next = 0;
  forEachRun(channels, channel, (start, end) => {
    for (let i = start; i < end; i++) into[next++] = weights[i] as number;
  });
}

/** Writes one channel's codes to where its weights lie in the tensor. */
export function scatter(channelCodes: Uint8Array, channels: Channels, channel: number, codes: Uint8Array): void {
  let next = 0;
  forEachRun(channels, channel, (start, end) => {
    for (let i = start; i < end; i++) codes[i] = channelCodes[next++] as number;
  });
}
