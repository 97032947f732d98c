import type { RuntimeTensor, RuntimeValue } from '../runtime';
import { elementCount } from '../../core/onnx/elementCount';
import { invalidInputs, type InputArray } from './inputArray';
import { isOpen, shapeText } from './openShape';
import { isFloatTensor, tensorData } from './tensorData';
import { LAYOUTS, type ImageLayout } from '../../core/plan/plan';
import { PIXEL_SCALE, type FirstInputs } from '../../protocol/outputComparison';

/** Arrays as a model takes them, some samples at a time. */
export interface FittedInputs {
  samples: number;
  /** Of all that the arrays hold. */
  given: number;
  samplesPerRun: number;
  runs: number;
  /** Whether bytes were taken for fractions of 255 without being told so. */
  scaled: boolean;
  /** Names of arrays that no input of the model is given. */
  unused: string[];
  /** What the model is given in one run. @throws CoreError `inputs-invalid` */
  feeds(run: number): Record<string, RuntimeTensor>;
}

/** One array in the shape of one input. */
interface FittedArray {
  input: RuntimeValue;
  given: number;
  samples: number;
  samplesPerRun: number;
  /** Of one sample; of the only run where the input has no batch. */
  dims: number[];
  hasBatch: boolean;
  scaled: boolean;
  valueAt: (i: number) => number;
}

/** Samples a run, where the model leaves it open. */
export const BATCH = 64;

/**
 * Fits a file's arrays to a model's inputs: by name, or in order where no name is an input's. Each array is a batch of
 * samples that are reshaped to the input's shape, as long as that leaves the order of axes alone.
 * @param batch samples a run at most, where the model leaves it open
 * @throws CoreError `inputs-invalid`
 */
export function fitInputs(
  arrays: readonly InputArray[], inputs: readonly RuntimeValue[], options: FirstInputs = {}, batch = BATCH,
): FittedInputs {
  if (inputs.length === 0) return withoutInputs(arrays);
  const pairs = assigned(arrays, inputs);
  const fitted = pairs.map(({ array, input }) => fitArray(array, input, options, batch));
  requireSameCount(fitted);
  const runsOf = ({ samples, samplesPerRun, input }: FittedArray): number => (
    isOpen(input.shape[0]) ? Math.ceil(samples / samplesPerRun) : Math.floor(samples / samplesPerRun)
  );
  const runs = Math.max(...fitted.map(runsOf));
  const uneven = fitted.find((each) => runsOf(each) !== runs && runsOf(each) !== 1);
  if (uneven) throw invalidInputs(`its arrays have different numbers of samples, ${uneven.input.name} ${uneven.samples}`);
  const whole = fitted.filter((each) => runsOf(each) === runs);
  const samples = Math.max(...whole.map((each) => (
    isOpen(each.input.shape[0]) ? each.samples : runs * each.samplesPerRun
  )));
  return {
    samples,
    given: Math.max(...whole.map(({ given }) => given)),
    samplesPerRun: Math.max(...whole.map(({ samplesPerRun }) => samplesPerRun)),
    runs,
    scaled: fitted.some(({ scaled }) => scaled),
    unused: arrays.filter((array) => !pairs.some((pair) => pair.array === array)).map(({ name }) => name ?? ''),
    feeds: (run) => Object.fromEntries(fitted.map((each) => [each.input.name, feed(each, runsOf(each) === 1 ? 0 : run)])),
  };
}

/** A model of constants alone: one run says all of it. */
function withoutInputs(arrays: readonly InputArray[]): FittedInputs {
  const unused = arrays.map(({ name }) => name ?? '');
  return { samples: 1, given: 1, samplesPerRun: 1, runs: 1, scaled: false, unused, feeds: () => ({}) };
}

/**
 * That all arrays have as many samples: else some of one would be left out. One sample, or one batch where the model fixes its size,
 * is used again each run and goes with any number; and so does an array whose first axis the model calls by another name.
 */
function requireSameCount(fitted: readonly FittedArray[]): void {
  const batches = fitted.filter(({ input, hasBatch, given, samplesPerRun }) => (
    hasBatch && given > 1 && (isOpen(input.shape[0]) || given !== samplesPerRun)
  ));
  for (const [i, a] of batches.entries()) {
    const other = batches.slice(i + 1).find((b) => b.given !== a.given && !isOtherAxis(a.input.shape[0], b.input.shape[0]));
    if (!other) continue;
    throw invalidInputs(`its arrays have different numbers of samples, ${a.input.name} ${a.given} and ${other.input.name} ${other.given}`);
  }
}

function isOtherAxis(a: number | string | undefined, b: number | string | undefined): boolean {
  return typeof a === 'string' && typeof b === 'string' && a !== '' && b !== '' && a !== b;
}

function assigned(
  arrays: readonly InputArray[], inputs: readonly RuntimeValue[],
): { array: InputArray; input: RuntimeValue }[] {
  const byName = new Map(arrays.map((array) => [array.name, array]));
  const inOrder = arrays.length === inputs.length && !inputs.some(({ name }) => byName.has(name));
  return inputs.map((input, i) => {
    const array = inOrder ? arrays[i] : byName.get(input.name);
    if (array) return { array, input };
    const taken = `the model takes ${inputs.map(({ name: own }) => own).join(', ')}`;
    const names = arrays.flatMap(({ name }) => name ?? []);
    throw invalidInputs(names.length > 0
      ? `${taken}, and its arrays are ${names.join(', ')}`
      : `${taken}, which are told apart by names: of these files, .npz alone has names`);
  });
}

function fitArray(array: InputArray, input: RuntimeValue, { scale, layout, samples: first = Infinity }: FirstInputs, batch: number): FittedArray {
  const { type, shape } = input;
  if (type === null) throw invalidInputs(`the model's input ${input.name} is no tensor`);
  const scaled = scale === undefined && array.pixels && isFloatTensor(type);
  const factor = scale ?? (scaled ? PIXEL_SCALE : 1);
  const { values } = array;
  if (shape.length === 0) {
    const dims = values.length === 1 ? [] : array.dims;
    return { input, given: 1, samples: 1, samplesPerRun: 1, dims, hasBatch: false, scaled, valueAt: (i) => Number(values[i]) * factor };
  }
  const { dims, from } = layout ? reordered(array, shape, layout) : { dims: array.dims, from: (i: number) => i };
  const sample = sampleDims(dims, shape) ?? misfit({ ...array, dims }, input, layout);
  const given = elementCount(dims) / Math.max(elementCount(sample), 1);
  const atOnce = isOpen(shape[0]) ? 1 : Number(shape[0]);
  if (atOnce === 0) throw invalidInputs(`the model takes no samples: its input "${input.name}" is of ${shapeText(shape)}`);
  const samples = Math.min(given, Math.ceil(first / atOnce) * atOnce);
  const samplesPerRun = isOpen(shape[0]) ? Math.min(samples, batch) : atOnce;
  if (samples < samplesPerRun || samples < 1) {
    throw invalidInputs(`it has ${samples} samples, and the model takes ${Math.max(samplesPerRun, 1)} at a time`);
  }
  return { input, given, samples, samplesPerRun, dims: sample, hasBatch: true, scaled, valueAt: (i) => Number(values[from(i)]) * factor };
}

/** Dims of one sample in the input's shape, or null where the array cannot be meant. */
function sampleDims(dims: readonly number[], shape: RuntimeValue['shape']): number[] | null {
  const rest = shape.slice(1);
  const own = dims.slice(1);
  if (dims.length === shape.length && rest.every((dim, axis) => isOpen(dim) || dim === own[axis])) return own;
  if (rest.some(isOpen)) return null;
  const wanted = rest.map(Number);
  if (sameOrder(own, wanted)) return wanted;
  return sameOrder(dims, wanted) ? wanted : null;
}

/** Whether one shape becomes the other without axes changing places: axes of length 1 aside, or where one is flat. */
function sameOrder(dims: readonly number[], wanted: readonly number[]): boolean {
  const [a, b] = [dims, wanted].map((each) => each.filter((dim) => dim !== 1)) as [number[], number[]];
  if (elementCount(a) !== elementCount(b)) return false;
  return a.length <= 1 || b.length <= 1 || a.join() === b.join();
}

/** Where images that lie otherwise would fit, the problem names these layouts. */
function misfit(given: InputArray, { name: input, shape }: RuntimeValue, layout: ImageLayout | undefined): never {
  const { dims, name } = given;
  const turned = layout ? [] : LAYOUTS.filter((each) => sampleDims(reordered(given, shape, each).dims, shape));
  const array = name === null ? 'an array' : `the array ${name}`;
  const message = `${array} of ${dims.join('x') || 'one number'} does not fit the model's input "${input}" of ${shapeText(shape)}`;
  throw invalidInputs(message, turned.length > 0 ? { layouts: turned.join(' or ') } : {});
}

/** Images with their channels last or first, as the input has them; a layout that fits as it is stays. */
function reordered(
  { dims }: InputArray, shape: RuntimeValue['shape'], layout: ImageLayout,
): { dims: number[]; from: (i: number) => number } {
  const unchanged = { dims, from: (i: number): number => i };
  if (dims.length !== 4 || shape.length !== 4 || sampleDims(dims, shape)) return unchanged;
  const [count, ...image] = dims as [number, number, number, number];
  const [height, width, channels] = layout === 'nhwc' ? image : [image[1], image[2], image[0]];
  const [rows, columns] = [height, width * channels];
  const size = rows * columns;
  const pixels = height * width;
  const within = layout === 'nhwc'
    ? (i: number): number => (i % pixels) * channels + Math.floor(i / pixels)
    : (i: number): number => (i % channels) * pixels + Math.floor(i / channels);
  return {
    dims: layout === 'nhwc' ? [count, channels, height, width] : [count, height, width, channels],
    from: (i) => Math.floor(i / size) * size + within(i % size),
  };
}

function feed({ input, samples, samplesPerRun, dims, hasBatch, valueAt }: FittedArray, run: number): RuntimeTensor {
  const start = run * samplesPerRun;
  const count = Math.min(samplesPerRun, samples - start);
  const length = elementCount(dims);
  const type = input.type!;
  const data = tensorData(type, (hasBatch ? count : 1) * length, (i) => valueAt(start * length + i));
  return { type, dims: hasBatch ? [count, ...dims] : dims, data };
}
