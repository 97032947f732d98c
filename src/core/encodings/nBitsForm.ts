import { layerGroups } from '../groups/layerGroups';
import type { Groups } from '../groups/groups';
import type { Layer } from '../onnx/layer';
import type { ConsumerNode } from '../onnx/modelIndex';
import type { LayerSettings } from '../plan/layerSettings';
import type { FormatObstacle } from './copyFormat';
import { isAffine, scaleMultiples } from './dequantizeForm';

/** How MatMulNBits is to take a weight: level = scale · (stored integer − zero point), in blocks along the inputs. */
export interface NBitsForm {
  inputs: number;
  outputs: number;
  /** The weight is stored as [outputs, inputs]. */
  transposed: boolean;
  /** Levels in units of the stored scale, by code; codes themselves where each group has a zero point. */
  integers: number[];
  /** The codebooks' scale is divided by it: a power of two, so that nothing is rounded. */
  scaleDivisor: number;
  zeroPoints: boolean;
  /** Weights along the inputs that share a scale in MatMulNBits. */
  blockSize: number;
  /** Groups along outputs and inputs. */
  groups: [number, number];
}

/** The widths that MatMulNBits computes on (ONNX Runtime, ContribOperators.md). */
const NATIVE_WIDTHS = [2, 4, 8];
const BLOCK_SIZES = [256, 128, 64, 32, 16];
const SCALE_BYTES = 4;
const DIVISORS = [1, 2, 4, 8, 16, 32, 64];

/** Where a layer's consumers stand. */
export interface ProductPlace {
  consumers: ConsumerNode[];
  inFunction: boolean;
}

export type NBitsFormOrObstacle = { form: NBitsForm; obstacle: null } | { form: null; obstacle: FormatObstacle };

/** How matrix products compute with a layer's codes, its weights being the same bit for bit, or why they cannot. */
export function nBitsForm(layer: Layer, settings: LayerSettings, place: ProductPlace): NBitsFormOrObstacle {
  const found = formOrObstacle(layer, settings, place);
  return typeof found === 'string' ? { form: null, obstacle: found } : { form: found, obstacle: null };
}

function formOrObstacle(
  layer: Layer, settings: LayerSettings, { consumers, inFunction }: ProductPlace,
): NBitsForm | FormatObstacle {
  const transposed = orientation(layer, consumers);
  if (transposed === null) return 'not-a-product';
  if (layer.dtype !== 'float32') return 'not-float32';
  if (inFunction) return 'in-function';
  if (settings.normalize !== 'none') return 'mean';
  const zeroPoints = isAffine(settings);
  const grid = integersOf(settings);
  if (!grid) return 'levels-of-its-own';
  if (!zeroPoints && !fits(grid.integers, 8)) return 'too-many-levels';
  const groups = layerGroups(layer, settings.granularity);
  const [outputs, inputs] = transposed ? layer.dims as [number, number] : [layer.dims[1]!, layer.dims[0]!];
  const spans = spansOf(groups, layer.dims, transposed);
  const blockSize = spans && (spans.inputs === inputs ? leastBlockSize(inputs, settings.bits) : spans.inputs);
  if (!spans || !blockSize || !BLOCK_SIZES.includes(blockSize)) return 'groups';
  const counts: [number, number] = [Math.ceil(outputs / spans.outputs), Math.ceil(inputs / spans.inputs)];
  return { inputs, outputs, transposed, ...grid, zeroPoints, blockSize, groups: counts };
}

/** Whether all consumers take the weight as [outputs, inputs]; null where they differ or some are no products. */
function orientation({ dims }: Layer, consumers: ConsumerNode[]): boolean | null {
  const [first] = consumers;
  const alike = consumers.every(({ op, transposed }) => op !== 'Gather' && transposed === first?.transposed);
  return first && alike && dims.length === 2 ? first.transposed : null;
}

function integersOf(settings: LayerSettings): Pick<NBitsForm, 'integers' | 'scaleDivisor'> | null {
  const multiples = scaleMultiples(settings);
  for (const scaleDivisor of multiples ? DIVISORS : []) {
    const integers = multiples!.map((each) => scaleDivisor * each);
    if (integers.every(Number.isInteger)) return { integers, scaleDivisor };
  }
  return null;
}

/** Weights of a group along outputs and inputs; null where groups are not whole columns, whole blocks of them, or all. */
function spansOf({ dims, spans }: Groups, own: number[], transposed: boolean): { outputs: number; inputs: number } | null {
  if (dims.join() !== own.join()) return null;
  const [outputAxis, inputAxis] = transposed ? [0, 1] : [1, 0];
  const [outputs, inputs] = [spans[outputAxis]!, spans[inputAxis]!];
  const isWhole = outputs === dims[outputAxis] && inputs === dims[inputAxis];
  return outputs === 1 || isWhole ? { outputs, inputs } : null;
}

/** Where a scale holds for all inputs, blocks that pad them little and need few scales once the model is loaded. */
function leastBlockSize(inputs: number, bits: number): number {
  const bytes = (size: number): number => Math.ceil(inputs / size) * ((size * bits) / 8 + SCALE_BYTES);
  return BLOCK_SIZES.reduce((best, size) => (bytes(size) < bytes(best) ? size : best));
}

/** Bits of a stored integer when each code takes `width` bits: those are unpacked to bytes where MatMulNBits cannot take them. */
export function fieldBits({ integers, zeroPoints }: NBitsForm, width: number): number {
  const held = zeroPoints ? integers.length <= 2 ** width : fits(integers, width);
  return NATIVE_WIDTHS.includes(width) && held ? width : 8;
}

/** What stands for each code in fields of so many bits; MatMulNBits takes 2^(bits − 1) for 0 where it is given no zero point. */
export function fieldValues({ integers, zeroPoints }: NBitsForm, bits: number): number[] {
  return zeroPoints ? integers : integers.map((each) => each + 2 ** (bits - 1));
}

function fits(integers: number[], bits: number): boolean {
  return integers.every((each) => each >= -(2 ** (bits - 1)) && each < 2 ** (bits - 1));
}
