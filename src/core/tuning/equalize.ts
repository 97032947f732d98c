import type { CalibratedLayer, LayerMatrix } from '../calibration/layerMatrix';
import { throwIfCancelled, type CancelSignal } from '../job';
import type { FloatArray } from '../onnx/dataType';
import type { ChannelLink } from './channelLinks';
import type { ChannelScales, EqualizedLayers } from './channelScales';

/** Logarithm of the factor by which ranges may still differ when a chain counts as equalized. */
const TOLERANCE = 1e-6;
/** Each pass brings ranges nearer; chains of a few layers take tens. */
const MAX_PASSES = 1000;

/** Ranges of a channel that differ by more are left: what is nearly zero in one layer would blow up its bias, past float16 even. */
const MAX_RATIO = 2 ** 16;

/**
 * Cross-layer equalization (Nagel et al. 2019, §4.1): a channel that leaves one layer for another is divided by s and
 * multiplied by s again, s = √(r₁ r₂)/r₂ = √(r₁/r₂), r being its largest weight in either layer; so both become √(r₁ r₂).
 * Repeated along each chain of layers until nothing changes, as in the paper. Channels whose weights are all or nearly
 * zero in one of the two stay as they are (ours).
 */
export function equalize(
  links: readonly ChannelLink[], weightsOf: (layer: CalibratedLayer) => FloatArray, signal?: CancelSignal,
): EqualizedLayers {
  const scales = new Map<number, ChannelScales>();
  for (const chain of chainsOf(links)) {
    const scaled = equalizeChain(chain, weightsOf, signal);
    scaled.forEach((each, i) => scales.set((chain[i]?.from ?? chain[i - 1]!.to).layer.index, each));
  }
  return scales;
}

/** Links in order, each from the layer that the one before leads to. */
function chainsOf(links: readonly ChannelLink[]): ChannelLink[][] {
  const from = new Map(links.map((link) => [link.from, link]));
  const ends = new Set(links.map(({ to }) => to));
  return links.filter((link) => !ends.has(link.from)).map((first) => {
    const chain = [first];
    for (let next = from.get(first.to); next; next = from.get(next.to)) chain.push(next);
    return chain;
  });
}

/** Of the chain's layers in order. */
function equalizeChain(
  chain: ChannelLink[], weightsOf: (layer: CalibratedLayer) => FloatArray, signal: CancelSignal | undefined,
): ChannelScales[] {
  const scales = chain.map(({ from }) => new Float64Array(from.matrix.rows).fill(1));
  const layers = [chain[0]!.from, ...chain.map(({ to }) => to)].map((layer, i) => {
    const { matrix } = layer;
    const columnsPerChannel = chain[i - 1]?.columnsPerChannel ?? matrix.columns;
    const own = { matrix, outputs: scales[i] ?? null, inputs: scales[i - 1] ?? null, columnsPerChannel };
    return { scales: own, ranges: channelRanges(weightsOf(layer), matrix, columnsPerChannel) };
  });
  for (let pass = 0, change = Infinity; change > TOLERANCE && pass < MAX_PASSES; pass++) {
    throwIfCancelled(signal);
    change = 0;
    for (const [i, ofChannel] of scales.entries()) {
      const outputs = scaledRanges(layers[i]!, 'outputs');
      const inputs = scaledRanges(layers[i + 1]!, 'inputs');
      for (let channel = 0; channel < ofChannel.length; channel++) {
        const ratio = outputs[channel]! / inputs[channel]!;
        if (!(ratio > 1 / MAX_RATIO && ratio < MAX_RATIO)) continue;
        ofChannel[channel]! *= Math.sqrt(ratio);
        change = Math.max(change, Math.abs(Math.log(ratio)));
      }
    }
  }
  return layers.map((layer) => layer.scales);
}

interface ScaledLayer {
  scales: ChannelScales;
  /** Largest absolute weight of each row and input channel of its group. */
  ranges: Float64Array;
}

function channelRanges(weights: FloatArray, matrix: LayerMatrix, columnsPerChannel: number): Float64Array {
  const { rows, columns, rowStride, columnStride } = matrix;
  const channels = columns / columnsPerChannel;
  const ranges = new Float64Array(rows * channels);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * channels + Math.floor(column / columnsPerChannel);
      const weight = Math.abs(weights[row * rowStride + column * columnStride]!);
      if (weight > ranges[at]!) ranges[at] = weight;
    }
  }
  return ranges;
}

/** Largest absolute weight of each output or input channel, as scaled. */
function scaledRanges({ ranges, scales: { matrix, outputs, inputs, columnsPerChannel } }: ScaledLayer, of: 'outputs' | 'inputs'): Float64Array {
  const { rows, columns, groups } = matrix;
  const channels = columns / columnsPerChannel;
  const largest = new Float64Array(of === 'outputs' ? rows : groups * channels);
  for (let row = 0; row < rows; row++) {
    const firstChannel = Math.floor((row * groups) / rows) * channels;
    for (let i = 0; i < channels; i++) {
      const channel = firstChannel + i;
      const range = ranges[row * channels + i]! * (inputs ? inputs[channel]! : 1) / (outputs ? outputs[row]! : 1);
      const at = of === 'outputs' ? row : channel;
      if (range > largest[at]!) largest[at] = range;
    }
  }
  return largest;
}
