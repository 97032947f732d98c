import { groupCount, groupCounts, type Groups } from '../groups/groups';
import { layerGroups } from '../groups/layerGroups';
import { bitsPerElement } from '../onnx/dataType';
import type { Layer } from '../onnx/layer';
import type { LayerSettings } from '../plan/layerSettings';
import { levelCount } from '../quantizers/uniformGrid';
import type { FormatObstacle } from './copyFormat';
import { unitLevels } from './encodeWeight';
import { fixedZeroPoint } from './levelTail';

/**
 * What DequantizeLinear takes, narrowest first: from which ai.onnx version on (ONNX Operators.md), and the first IR version
 * that has such tensors (onnx.proto, TensorProto.DataType).
 */
const CONTAINERS = {
  signed: [
    { dtype: 'int2', opset: 25, irVersion: 13 },
    { dtype: 'int4', opset: 21, irVersion: 10 },
    { dtype: 'int8', opset: 10, irVersion: 3 },
  ],
  unsigned: [
    { dtype: 'uint2', opset: 25, irVersion: 13 },
    { dtype: 'uint4', opset: 21, irVersion: 10 },
    { dtype: 'uint8', opset: 10, irVersion: 3 },
  ],
} as const;
const PER_AXIS_OPSET = 13;
const BLOCKED_OPSET = 21;

export type Container = (typeof CONTAINERS)[keyof typeof CONTAINERS][number];

/** How DequantizeLinear is to give a weight: level = scale · (stored integer − zero point). */
export interface DequantizeForm {
  container: Container;
  /** What is stored, by code. */
  integers: number[];
  /** Half the scale is stored where levels lie half-way between its multiples. */
  scaleDivisor: 1 | 2;
  /** Each group has a zero point of its own; without, it is 0. */
  zeroPoints: boolean;
  scaleDims: number[];
  /** `axis` and `block_size`, as far as they are needed. */
  attributes: Record<string, number>;
}

export type FormOrObstacle = { form: DequantizeForm; obstacle: null } | { form: null; obstacle: FormatObstacle };

/**
 * How DequantizeLinear gives a layer's weights bit for bit in a model of this opset, which is never raised, or why it
 * cannot. Codes take the narrowest type there is, which may be wider than they are.
 */
export function dequantizeForm(layer: Layer, settings: LayerSettings, opset: number): FormOrObstacle {
  const found = formOrObstacle(layer, settings, opset);
  return typeof found === 'string' ? { form: null, obstacle: found } : { form: found, obstacle: null };
}

function formOrObstacle(layer: Layer, settings: LayerSettings, opset: number): DequantizeForm | FormatObstacle {
  if (settings.normalize !== 'none') return 'mean';
  const whole = wholeNumbers(scaleMultiples(settings));
  if (!whole) return 'levels-of-its-own';
  const { integers, scaleDivisor } = whole;
  const zeroPoints = isAffine(settings);
  const wideEnough = CONTAINERS[zeroPoints ? 'unsigned' : 'signed'].filter((container) => holds(container, integers));
  if (wideEnough.length === 0) return 'too-many-levels';
  const placement = scalePlacement(layerGroups(layer, settings.granularity), layer.dims);
  if (!placement) return 'groups';
  const container = wideEnough.find((each) => opset >= each.opset && (bitsPerElement(each.dtype) > 2 || readsTwoBits(layer)));
  if (!container || opset < placement.opset) return 'opset-too-old';
  const { scaleDims, attributes } = placement;
  return { container, integers, scaleDivisor, zeroPoints, scaleDims, attributes };
}

/** The levels in units of the scale, by code; codes themselves where each group has a zero point; null if they have no unit. */
export function scaleMultiples(settings: LayerSettings): number[] | null {
  const { method, grid, bits } = settings;
  if (method !== 'uniform') {
    const unit = unitLevels(settings);
    return unit && Array.from(unit);
  }
  const zeroPoint = fixedZeroPoint(grid, bits) ?? 0;
  return Array.from({ length: levelCount(grid, bits) }, (_, code) => code - zeroPoint);
}

function wholeNumbers(multiples: number[] | null): Pick<DequantizeForm, 'integers' | 'scaleDivisor'> | null {
  if (!multiples) return null;
  for (const scaleDivisor of [1, 2] as const) {
    const integers = multiples.map((each) => scaleDivisor * each);
    if (integers.every(Number.isInteger)) return { integers, scaleDivisor };
  }
  return null;
}

export function isAffine({ method, grid }: LayerSettings): boolean {
  return method === 'uniform' && grid === 'affine';
}

function holds({ dtype }: Container, integers: number[]): boolean {
  const bits = bitsPerElement(dtype);
  const lowest = dtype.startsWith('u') ? 0 : -(2 ** (bits - 1));
  return integers.every((each) => each >= lowest && each < lowest + 2 ** bits);
}

/** Scales of DequantizeLinear are one number, a vector along an axis, or a tensor that is shorter along one axis. */
function scalePlacement(
  groups: Groups, dims: number[],
): { opset: number; scaleDims: number[]; attributes: Record<string, number> } | null {
  if (groupCount(groups) === 1) return { opset: 0, scaleDims: [], attributes: {} };
  if (groups.dims.length !== dims.length) return null;
  const counts = groupCounts(groups);
  const split = dims.flatMap((_, axis) => (counts[axis]! > 1 ? [axis] : []));
  if (split.length === 1 && groups.spans[split[0]!] === 1) {
    const axis = split[0]!;
    return { opset: PER_AXIS_OPSET, scaleDims: [counts[axis]!], attributes: { axis } };
  }
  const shared = dims.flatMap((_, axis) => (groups.spans[axis]! > 1 ? [axis] : []));
  if (shared.length > 1) return null;
  const axis = shared[0] ?? dims.length - 1;
  return { opset: BLOCKED_OPSET, scaleDims: counts, attributes: { axis, block_size: groups.spans[axis]! } };
}

const MATRIX_PRODUCTS = new Set(['MatMul', 'Gemm', 'FusedMatMul']);

/** ONNX Runtime (1.30) computes matrix products of 2-bit weights wrongly where the output channels are no multiple of 4. */
function readsTwoBits({ consumers, channelAxis, dims }: Layer): boolean {
  if (!consumers.some(({ op }) => MATRIX_PRODUCTS.has(op))) return true;
  return channelAxis !== null && dims[channelAxis]! % 4 === 0;
}
