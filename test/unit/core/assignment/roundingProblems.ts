import type { RoundingProblem } from '../../../../src/core/assignment/roundingProblem';
import type { InputMoments } from '../../../../src/core/calibration/inputMoments';
import { storedLevels } from '../../../../src/core/encodings/storedLevels';
import { completeSettings, type PartialSettings } from '../../../../src/core/plan/layerSettings';
import { blockSize } from '../../../../src/core/groups/layerGroups';
import { QUANTIZERS } from '../../../../src/core/quantizers';
import { designed } from '../quantizers/designed';
import { laplacianSample } from '../statistics/laplacianSample';
import { seededRandom } from '../../../fixtures/modelBuilder';

/** Numbers of mean 0 and deviation 1: sums of twelve uniform ones. */
export function normals(seed: number): () => number {
  const random = seededRandom(seed);
  return () => Array.from({ length: 12 }, random).reduce((sum, u) => sum + u, -6);
}

/** Moments of inputs [positions, groups · columns]. */
export function momentsOf(inputs: number[][], columns: number, groups = 1): InputMoments {
  const second = new Float64Array(groups * columns * columns);
  const first = new Float64Array(groups * columns);
  for (const x of inputs) {
    for (let group = 0; group < groups; group++) {
      for (let i = 0; i < columns; i++) {
        const xi = x[group * columns + i]! / inputs.length;
        first[group * columns + i]! += xi;
        for (let j = 0; j < columns; j++) second[(group * columns + i) * columns + j]! += xi * x[group * columns + j]!;
      }
    }
  }
  return { groups, columns, positions: inputs.length, second: Float32Array.from(second), first: Float32Array.from(first) };
}

/** ReLU of mixtures of a few hidden variables: correlated and never negative, as inputs of inner layers are. */
export function reluInputs(positions: number, columns: number, seed = 1): number[][] {
  const normal = normals(seed);
  const hidden = Math.ceil(columns / 16);
  const mixing = Array.from({ length: columns }, () => Array.from({ length: hidden }, () => normal() / Math.sqrt(hidden)));
  return Array.from({ length: positions }, () => {
    const z = Array.from({ length: hidden }, normal);
    return mixing.map((mix) => Math.max(0, mix.reduce((sum, m, i) => sum + m * z[i]!, 0.2 * normal())));
  });
}

export interface ProblemShape {
  rows: number;
  columns: number;
  groups?: number;
}

/** Laplacian weights with codebooks of a method, and the inputs that they meet. */
export function roundingProblem(
  { rows, columns, groups = 1 }: ProblemShape, partial: PartialSettings, moments?: InputMoments,
): RoundingProblem {
  const settings = completeSettings({ normalize: 'layer', granularity: 'channel', ...partial });
  const weights = Float32Array.from(laplacianSample(rows * columns), (w) => 0.1 * w);
  const blockColumns = Math.min(blockSize(settings.granularity) ?? columns, columns);
  const blocks = Math.ceil(columns / blockColumns);
  const design = (of: Float32Array) => {
    const codebook = designed(QUANTIZERS[settings.method], of, settings);
    return { codebook, levels: storedLevels(codebook, 'float32') };
  };
  const each = Array.from({ length: rows * blocks }, (_, i) => {
    const start = Math.floor(i / blocks) * columns;
    const block = i % blocks;
    return weights.subarray(start + block * blockColumns, start + Math.min((block + 1) * blockColumns, columns));
  });
  const isWhole = settings.granularity === 'tensor';
  return {
    rows, columns, weights, blockColumns,
    codebooks: isWhole ? [design(weights)] : each.map(design),
    codebookOf: Int32Array.from(each, (_, i) => (isWhole ? 0 : i)),
    moments: moments ?? momentsOf(reluInputs(4 * columns, groups * columns), columns, groups),
  };
}
