import { basename } from 'node:path';
import type { Allocation, Budget, LayerOptions } from '../core/allocation/allocateBits';
import { allocationCurve, codingLengthCurve, equalWidths } from '../core/allocation/allocationCurve';
import { undominated } from '../core/allocation/chooseWidths';
import type { CopyFormat } from '../core/encodings/copyFormat';
import type { ModelIndex } from '../core/onnx/modelIndex';
import { planCopy } from '../core/onnx/planCopy';
import type { AllocationCurve, AllocationCurves, AllocationPoint, LayerToAllocate } from '../protocol/allocation';
import { plannedLayers } from './plannedWidths';

/** What there is to choose from for the measured layers, all others staying as they are, with the copy each choice makes. */
export function allocationCurves(
  index: ModelIndex, layers: LayerToAllocate[], options: LayerOptions[], format: CopyFormat,
): AllocationCurves {
  const known = new Map<string, AllocationPoint>();
  const pointOf = ({ widths, noise }: Allocation): AllocationPoint => {
    const bits = widths.map((each) => each.bits);
    const key = bits.join();
    const point = known.get(key) ?? { bits, noise, ...sizeOf(widths) };
    known.set(key, point);
    return point;
  };
  const sizeOf = (widths: Allocation['widths']): Pick<AllocationPoint, 'averageBits' | 'bytes'> => {
    const { averageBits, bytesAfter } = planCopy(index, plannedLayers(layers, widths), basename(index.path), { format }).size;
    return { averageBits, bytes: bytesAfter };
  };
  const hasLengths = options.some(({ codingLength }) => codingLength !== undefined);
  const equal = equalWidths(options, 'weightBits').map(pointOf);
  // Layers of one width share their tables, which sums over layers do not see: in a small model that may decide.
  const best = (points: AllocationPoint[], unit: Budget['unit']): AllocationPoint[] => (
    undominated(points, costIn[unit], ({ noise }) => noise)
  );
  const curveOf = (unit: Budget['unit']): AllocationCurve => ({
    optimal: best([...allocationCurve(options, unit).map(pointOf), ...equal], unit),
    codingLength: hasLengths ? best(codingLengthCurve(options, unit).map(pointOf), unit) : null,
  });
  return { weightBits: curveOf('weightBits'), bytes: curveOf('bytes'), equal };
}

const costIn: Record<Budget['unit'], (point: AllocationPoint) => number> = {
  weightBits: ({ averageBits }) => averageBits,
  bytes: ({ bytes }) => bytes,
};
