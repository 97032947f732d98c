import type { ModelFiles } from '../core/bytes/byteSource';
import { captureModel, type CaptureOutputs } from '../core/calibration/captureModel';
import type { InputMoments } from '../core/calibration/inputMoments';
import type { CalibratedLayer, LayerMatrix } from '../core/calibration/layerMatrix';
import type { ReplacedWeights } from '../core/calibration/partialGraph';
import { throwIfCancelled, type Job } from '../core/job';
import type { ModelIndex } from '../core/onnx/modelIndex';
import type { ModelNetwork } from '../core/onnx/network';
import type { InputOptions } from '../protocol/outputComparison';
import { fitInputs } from './inputs/fitInputs';
import type { InputArray } from './inputs/inputArray';
import type { Runtime, RuntimeTensor } from './runtime';

/** Samples a run, where the model leaves it open: patches of a convolution take its kernel's size times its input's memory. */
const BATCH = 16;

/** What is run, and on what. */
export interface Capture {
  files: ModelFiles;
  index: ModelIndex;
  network: ModelNetwork;
  /** Weights that are already quantized. */
  replaced: ReplacedWeights;
  arrays: readonly InputArray[];
  options: InputOptions;
  /** The first so many samples, and those run with them. */
  samples: number;
}

/**
 * Runs a model once over calibration inputs and adds up the moments of its layers' inputs, in their order. What is in memory
 * is one run's activations and the moments.
 * @throws CoreError `inputs-invalid`, `runtime-failed`, `cancelled`
 */
export async function captureMoments(
  runtime: Runtime, { files, index, network, replaced, arrays, options, samples }: Capture, layers: readonly CalibratedLayer[],
  job: Job = {},
): Promise<InputMoments[]> {
  if (layers.length === 0) return [];
  const capture = captureModel(files, index, network, layers, replaced);
  const sums = layers.map(({ matrix }) => new MomentSums(matrix));
  await runtime.withModelBytes(capture.bytes, async (model) => {
    const fitted = fitInputs(arrays, model.inputs, options, BATCH);
    const runs = Math.min(fitted.runs, Math.ceil((samples * fitted.runs) / fitted.samples));
    for (let run = 0; run < runs; run++) {
      throwIfCancelled(job.signal);
      const outputs = await model.run(fitted.feeds(run));
      capture.layers.forEach((consumers, i) => consumers.forEach((names) => sums[i]!.add(outputs, names)));
      job.onProgress?.((run + 1) / runs);
    }
  });
  return sums.map((sum) => sum.moments());
}

class MomentSums {
  readonly #second: Float64Array;
  readonly #first: Float64Array;
  #positions = 0;

  constructor(readonly matrix: LayerMatrix) {
    const { groups, columns } = matrix;
    this.#second = new Float64Array(groups * columns ** 2);
    this.#first = new Float64Array(groups * columns);
  }

  add(outputs: Record<string, RuntimeTensor>, { second, first, shape }: CaptureOutputs): void {
    const positions = Number((outputs[shape]!.data as BigInt64Array)[2]);
    addTo(this.#second, outputs[second]!.data as Float32Array, 1);
    addTo(this.#first, outputs[first]!.data as Float32Array, positions);
    this.#positions += positions;
  }

  moments(): InputMoments {
    const { groups, columns } = this.matrix;
    const mean = (sums: Float64Array): Float32Array => Float32Array.from(sums, (sum) => sum / this.#positions);
    return { groups, columns, positions: this.#positions, second: mean(this.#second), first: mean(this.#first) };
  }
}

function addTo(sums: Float64Array, values: Float32Array, factor: number): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += factor * values[i]!;
}
