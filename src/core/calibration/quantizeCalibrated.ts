import { forEachRun, type Groups } from '../groups/groups';
import { blockSize, layerGroups } from '../groups/layerGroups';
import type { Rounding } from '../assignment/rounding';
import type { RoundingCodebook, RoundingProblem } from '../assignment/roundingProblem';
import { ROUNDING_OF } from '../assignment/roundings';
import { CodebookList } from '../encodings/codebookList';
import { storedLevels } from '../encodings/storedLevels';
import type { Job } from '../job';
import { errorMeasures } from '../metrics/errorMeasures';
import { addErrors, noErrors } from '../metrics/errorSums';
import type { FloatArray } from '../onnx/dataType';
import type { LayerSettings } from '../plan/layerSettings';
import type { QuantizableLayer } from '../layerQuantizer';
import { levelsOf, quantizeLayer, type QuantizedLayer } from '../quantizeLayer';
import type { QuantizeContext } from '../quantizeGroup';
import type { StoredCodebook } from '../quantizers/codebook';
import { midpoints } from '../quantizers/source';
import { fewPositions, type FewPositions } from './fewPositions';
import type { InputMoments } from './inputMoments';
import type { LayerInputs } from './layerInputs';
import { fromMatrix, isDivided, rowStart, toMatrix, type LayerMatrix } from './layerMatrix';
import { calibratedSteps } from './calibratedSteps';
import { outputError, type OutputError } from './outputError';

/** What is known of a layer's outputs on calibration inputs. */
export interface MeasuredOutputs {
  /** Null where inputs are divided into blocks: errors of blocks add up to an output's in a way that is not known. */
  output: OutputError | null;
  /** Where the calibration inputs are too few for the layer's codes to do as well on others. */
  fewPositions: FewPositions | null;
}

/** A layer whose codes were chosen for its outputs, and what that does to them. */
export interface CalibratedQuantization extends MeasuredOutputs {
  quantized: QuantizedLayer;
}

/** The seed of what draws random numbers: copies made of one plan are equal to the byte. */
const SEED = 1;

/**
 * Quantizes a layer as `quantizeLayer` does, and then chooses codes, and where the settings say so levels, by what they do to
 * the layer's outputs on the calibration inputs. With `rounding: nearest` that error is measured alone.
 * @throws CoreError as `quantizeLayer`
 */
export function quantizeCalibrated(
  weights: FloatArray, layer: QuantizableLayer, settings: LayerSettings,
  inputs: LayerInputs, context: Job & QuantizeContext = {},
): CalibratedQuantization {
  const { matrix, moments } = inputs;
  const { onProgress, ...quantizing } = context;
  const codebooks: RoundingCodebook[] = [];
  const nearest = quantizeLayer(weights, layer, settings, { ...quantizing, onDesigned: (group) => codebooks.push(group) });
  const problem = roundingProblem(toMatrix(weights, matrix, new Float32Array(weights.length)), nearest.groups, matrix, settings, codebooks, moments);
  const asNearest: Rounding = () => ({ codes: toMatrix(nearest.codes, matrix, new Uint8Array(weights.length)) });
  const round = settings.mode === 'calibrated' ? calibratedSteps
    : settings.rounding === 'nearest' ? asNearest
      : ROUNDING_OF[settings.rounding];
  const rounded = round(problem, { seed: SEED, ...context });
  return {
    quantized: withRounding(nearest, weights, layer, fromMatrix(rounded.codes, matrix), rounded.codebooks),
    output: isDivided(matrix) ? null : outputError(problem, rounded, context.signal),
    fewPositions: fewPositions(settings, inputs),
  };
}

function roundingProblem(
  weights: Float32Array, groups: Groups, matrix: LayerMatrix, { granularity }: LayerSettings, codebooks: RoundingCodebook[],
  moments: InputMoments,
): RoundingProblem {
  const { rows, columns } = matrix;
  const blockColumns = sharedColumns(matrix, blockSize(granularity));
  const blocks = Math.ceil(columns / blockColumns);
  const groupOf = groupOfEach(weights.length, groups, codebooks.length);
  const codebookOf = new Int32Array(rows * blocks);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let block = 0; block < blocks; block++) {
      codebookOf[at++] = groupOf[rowStart(matrix, row) + block * blockColumns * matrix.columnStride]!;
    }
  }
  return { rows, columns, weights, codebooks, codebookOf, blockColumns, moments };
}

/** Neighbours in a row that share a codebook, whatever block of inputs the row is of. */
function sharedColumns({ columns, inputBlocks }: LayerMatrix, block: number | null): number {
  if (block === null) return columns;
  return inputBlocks === 1 ? Math.min(block, columns) : greatestDivisor(columns, block);
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** The group of each weight, in stored order. */
function groupOfEach(length: number, groups: Groups, count: number): Int32Array {
  const groupOf = new Int32Array(length);
  for (let group = 0; group < count; group++) forEachRun(groups, group, (start, end) => void groupOf.fill(group, start, end));
  return groupOf;
}

/** The layer with other codes, and with levels of each output channel's own where there are some; errors follow. */
function withRounding(
  nearest: QuantizedLayer, weights: FloatArray, layer: QuantizableLayer, codes: Uint8Array, ofRows: StoredCodebook[] | undefined,
): QuantizedLayer {
  const changed = ofRows
    ? { groups: layerGroups(layer, 'channel'), codebooks: CodebookList.of(ofRows), widest: widestOf(ofRows, nearest) }
    : { groups: nearest.groups, codebooks: nearest.codebooks, widest: nearest.widest };
  const quantized = { ...nearest, ...changed, codes };
  const sums = noErrors();
  for (let group = 0; group < quantized.codebooks.length; group++) {
    const levels = levelsOf(quantized, group);
    forEachRun(quantized.groups, group, (start, end) => {
      addErrors(sums, weights.subarray(start, end), codes.subarray(start, end), levels);
    });
  }
  const { predictedSqnrDb } = nearest.error;
  return { ...quantized, sums, error: { ...errorMeasures(sums, { signal: 0, noise: 0 }), predictedSqnrDb } };
}

/** What is drawn of the codebooks: thresholds of calibrated codes are not, since they do not decide. */
function widestOf(codebooks: StoredCodebook[], { dtype, bits }: QuantizedLayer): QuantizedLayer['widest'] {
  const spans = codebooks.map((codebook) => {
    const levels = storedLevels(codebook, dtype, 2 ** bits);
    return levels.at(-1)! - levels[0]!;
  });
  const group = spans.indexOf(Math.max(...spans));
  const levels = storedLevels(codebooks[group]!, dtype, 2 ** bits);
  const sorted = Float64Array.from(levels).sort();
  return { group, levels, codebook: { levels: sorted, thresholds: midpoints(sorted), support: [sorted[0]!, sorted.at(-1)!] } };
}
