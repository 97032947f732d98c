import path from 'node:path';
import { readInputs } from '../src/runtime/inputs/readInputs';
import { disableTelemetry } from '../src/runtime/nativeRuntime';

const BATCH = 1000;
const IMAGE = 28 * 28;

/**
 * Top-1 accuracy in percent on MNIST's 10,000 test images, pixels divided by 255, in native ONNX Runtime.
 *
 * @param model path of a model with one input of shape [batch, 784] or [batch, 1, 28, 28]
 * @param data folder with `t10k-images-idx3-ubyte.gz` and `t10k-labels-idx1-ubyte.gz`
 */
export async function mnistAccuracy(model: string, data: string): Promise<number> {
  disableTelemetry();
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const images = bytesOf(path.join(data, 't10k-images-idx3-ubyte.gz'));
  const labels = bytesOf(path.join(data, 't10k-labels-idx1-ubyte.gz'));
  const session = await InferenceSession.create(model);
  const input = session.inputMetadata[0];
  if (!input?.isTensor) throw new Error(`${model}: the input is no tensor`);
  const imageShape = input.shape.length === 2 ? [IMAGE] : [1, 28, 28];
  let correct = 0;
  for (let start = 0; start < labels.length; start += BATCH) {
    const pixels = Float32Array.from(images.subarray(start * IMAGE, (start + BATCH) * IMAGE), (pixel) => pixel / 255);
    const outputs = await session.run({ [input.name]: new Tensor('float32', pixels, [BATCH, ...imageShape]) });
    const logits = outputs[session.outputNames[0] ?? '']?.data as Float32Array;
    correct += countCorrect(logits, labels.subarray(start, start + BATCH));
  }
  await session.release();
  return (100 * correct) / labels.length;
}

function bytesOf(file: string): Uint8Array {
  const values = readInputs(file)[0]?.values;
  if (values instanceof Uint8Array) return values;
  throw new Error(`${file}: not an IDX file of unsigned bytes`);
}

function countCorrect(logits: Float32Array, labels: Uint8Array): number {
  const classes = logits.length / labels.length;
  let correct = 0;
  labels.forEach((label, i) => {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    if (row.indexOf(Math.max(...row)) === label) correct++;
  });
  return correct;
}
