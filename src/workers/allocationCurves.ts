import { basename } from 'node:path';
import type { Allocation, Budget, LayerOptions } from '../core/allocation/allocateBits';
import { allocationCurve, codingLengthCurve, equalWidths } from '../core/allocation/allocationCurve';
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
  const curveOf = (unit: Budget['unit']): AllocationCurve => ({
    optimal: undominated([...allocationCurve(options, unit).map(pointOf), ...equal], costIn[unit]),
    codingLength: hasLengths ? undominated(codingLengthCurve(options, unit).map(pointOf), costIn[unit]) : null,
  });
  return { weightBits: curveOf('weightBits'), bytes: curveOf('bytes'), equal };
}

const costIn: Record<Budget['unit'], (point: AllocationPoint) => number> = {
  weightBits: ({ averageBits }) => averageBits,
  bytes: ({ bytes }) => bytes,
};

/** Layers of one width share their tables, which sums over layers do not see: in a small model that may decide. */
function undominated(points: readonly AllocationPoint[], cost: (point: AllocationPoint) => number): AllocationPoint[] {
  let least = Infinity;
  return [...points].sort((a, b) => cost(a) - cost(b) || a.noise - b.noise).filter(({ noise }) => {
    if (noise >= least) return false;
    least = noise;
    return true;
  });
}
