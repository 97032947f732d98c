import type { InputMoments } from '../calibration/inputMoments';
import { rowStart, type LayerMatrix } from '../calibration/layerMatrix';
import type { FloatArray } from '../onnx/dataType';

/**
 * Takes from a bias what quantization adds to the means of the layer's outputs, in place: b' = b − (Ŵ − W) E[x] (Nagel, van
 * Baalen, Blankevoort and Welling, Data-Free Quantization Through Weight Equalization and Bias Correction, ICCV 2019, §4.2,
 * with means that are measured rather than derived from batch normalization). Inputs are those of the quantized network
 * whose earlier biases are corrected.
 */
export function correctBias(
  bias: FloatArray, weights: FloatArray, quantized: Float32Array, matrix: LayerMatrix, { first }: Pick<InputMoments, 'first'>,
): void {
  const { rows, columns, groups, inputBlocks, columnStride } = matrix;
  for (let row = 0; row < rows; row++) {
    const start = rowStart(matrix, row);
    const inputs = Math.floor((row * groups) / rows) * columns;
    let shift = 0;
    for (let column = 0; column < columns; column++) {
      const at = start + column * columnStride;
      shift += (quantized[at]! - weights[at]!) * first[inputs + column]!;
    }
    bias[row % (rows / inputBlocks)]! -= shift;
  }
}
