import type { ModelFiles } from '../core/bytes/byteSource';
import { captureModel, type CaptureOutputs } from '../core/calibration/captureModel';
import type { InputMoments } from '../core/calibration/inputMoments';
import type { CalibratedLayer } from '../core/calibration/layerMatrix';
import { MomentSums } from '../core/calibration/momentSums';
import type { ReplacedNodes, ReplacedWeights } from '../core/calibration/partialGraph';
import { throwIfCancelled, type Job } from '../core/job';
import type { ModelIndex } from '../core/onnx/modelIndex';
import type { ModelNetwork } from '../core/onnx/network';
import type { InputOptions } from '../protocol/outputComparison';
import { fitInputs, type FittedInputs } from './inputs/fitInputs';
import { invalidInputs, type InputArray } from './inputs/inputArray';
import { floatsOf } from './inputs/tensorData';
import { modelDoesNotRun } from './modelDoesNotRun';
import type { Runtime, RuntimeTensor } from './runtime';

/** Samples a run at most, where the model leaves it open. */
const MAX_BATCH = 256;
/**
 * Input values a run, by which activations are bounded: the more samples, the fewer sums leave ONNX Runtime. Patches of a
 * convolution take its kernel's size times its input's memory.
 */
const RUN_VALUES = { products: 2 ** 19, convolutions: 2 ** 16 };

/** What is run, and on what. */
export interface Capture {
  files: ModelFiles;
  index: ModelIndex;
  network: ModelNetwork;
  /** Weights that are already quantized, and their biases. */
  replaced: ReplacedWeights;
  /** Nodes that were given a bias. */
  replacedNodes?: ReplacedNodes;
  arrays: readonly InputArray[];
  options: InputOptions;
  /** The first so many samples; a model of a fixed batch completes its batch. */
  samples: number;
}

/**
 * Runs a model once over calibration inputs and adds up the moments of its layers' inputs, in their order. What is in memory
 * is one run's activations and the moments. Tells how many samples there were, and whether their bytes were divided by 255.
 * @throws CoreError `inputs-invalid`, `model-does-not-run`, `cancelled`
 */
export async function captureMoments(
  runtime: Runtime, { files, index, network, replaced, replacedNodes, arrays, options, samples }: Capture, layers: readonly CalibratedLayer[],
  job: Job = {},
): Promise<{ moments: InputMoments[] } & Pick<FittedInputs, 'samples' | 'scaled'>> {
  if (layers.length === 0) return { moments: [], samples: 0, scaled: false };
  try {
    const capture = captureModel(files, index, network, layers, replaced, replacedNodes);
    return await runtime.withModelBytes(capture.bytes, async (model) => {
      const sums = layers.map(({ matrix }) => new MomentSums(matrix));
      const { runs, feeds, samples: used, scaled } = fitInputs(arrays, model.inputs, { ...options, samples }, batchFor(arrays, layers));
      for (let run = 0; run < runs; run++) {
        throwIfCancelled(job.signal);
        const inputs = feeds(run);
        requireNumbers(inputs);
        const outputs = await model.run(inputs);
        capture.layers.forEach((consumers, i) => consumers.forEach((names) => addOutputs(sums[i]!, outputs, names)));
        job.onProgress?.((run + 1) / runs);
      }
      const moments = sums.map((sum) => sum.moments());
      moments.forEach((each, i) => requireFinite(each, layers[i]!));
      return { moments, samples: used, scaled };
    });
  } catch (error) {
    throw modelDoesNotRun(error);
  }
}

/** One value that is no number would be in every moment. */
function requireNumbers(inputs: Record<string, RuntimeTensor>): void {
  for (const [name, tensor] of Object.entries(inputs)) {
    if (floatsOf(tensor)?.some((x) => !Number.isFinite(x))) throw invalidInputs(`what it has for ${name} holds NaN or infinity`);
  }
}

/** Nothing can be rounded by moments that are not finite, nor is the search for a factor of theirs ever over. */
function requireFinite({ first, second }: InputMoments, { layer }: CalibratedLayer): void {
  if (first.every(Number.isFinite) && second.every(Number.isFinite)) return;
  throw invalidInputs(`run on it, the model multiplies ${layer.name} by numbers that are too large, or none`);
}

function batchFor(arrays: readonly InputArray[], layers: readonly CalibratedLayer[]): number {
  const hasPatches = layers.some(({ nodes }) => nodes.some(({ op }) => op === 'Conv'));
  const values = Math.max(1, ...arrays.map((array) => array.values.length / (array.dims[0] || 1)));
  const most = hasPatches ? RUN_VALUES.convolutions : RUN_VALUES.products;
  return Math.max(1, Math.min(MAX_BATCH, Math.floor(most / values)));
}

function addOutputs(sums: MomentSums, outputs: Record<string, RuntimeTensor>, names: CaptureOutputs): void {
  if ('inputs' in names) return sums.addInputs(outputs[names.inputs]!.data as Float32Array);
  const positions = Number((outputs[names.shape]!.data as BigInt64Array)[2]);
  sums.addSums(outputs[names.second]!.data as Float32Array, outputs[names.first]!.data as Float32Array, positions);
}
