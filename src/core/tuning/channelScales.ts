import type { LayerMatrix } from '../calibration/layerMatrix';
import type { FloatArray } from '../onnx/dataType';

/** Positive factors of a layer's channels that other layers' factors make up for. */
export interface ChannelScales {
  matrix: LayerMatrix;
  /** What outputs are divided by, row by row; null where they stay. */
  outputs: Float64Array | null;
  /** What makes up for that of the layer before, by input channel of all groups; null where there is none. */
  inputs: Float64Array | null;
  /** Of a channel: the places of a kernel, or of a flattened image. */
  columnsPerChannel: number;
}

/** Scales of layers, by index into `ModelIndex.layers`. */
export type EqualizedLayers = ReadonlyMap<number, ChannelScales>;

/** Weights in the order they are stored, scaled in place. */
export function scaleWeights(weights: FloatArray, { matrix, outputs, inputs, columnsPerChannel }: ChannelScales): void {
  const { rows, columns, groups, rowStride, columnStride } = matrix;
  for (let row = 0; row < rows; row++) {
    const own = outputs ? 1 / outputs[row]! : 1;
    const firstColumn = Math.floor((row * groups) / rows) * columns;
    for (let column = 0; column < columns; column++) {
      const channel = Math.floor((firstColumn + column) / columnsPerChannel);
      weights[row * rowStride + column * columnStride]! *= own * (inputs ? inputs[channel]! : 1);
    }
  }
}

/** A bias of equalized outputs, in place. */
export function scaleBias(bias: FloatArray, { outputs }: ChannelScales): void {
  if (outputs) for (let row = 0; row < bias.length; row++) bias[row]! /= outputs[row]!;
}
