import type { Allocation, Budget } from '../core/allocation/allocateBits';
import type { LayerOptions } from '../core/allocation/layerOptions';
import { allocationCurve, codingLengthCurve, equalWidths } from '../core/allocation/allocationCurve';
import { undominated } from '../core/allocation/chooseWidths';
import type { CopyFormat } from '../core/encodings/copyFormat';
import type { ModelIndex } from '../core/onnx/modelIndex';
import type { AllocationCurve, AllocationCurves, AllocationPoint, ChosenWidths, LayerToAllocate } from '../protocol/allocation';
import { copiesOf } from './plannedWidths';

/** What there is to choose from for the measured layers, all others staying as they are, with the copy each choice makes. */
export function allocationCurves(
  index: ModelIndex, layers: LayerToAllocate[], options: LayerOptions[], format: CopyFormat,
): AllocationCurves {
  const copyOf = copiesOf(index, layers, options, format);
  const known = new Map<string, AllocationPoint>();
  const pointOf = (choice: Allocation): AllocationPoint => {
    const key = choice.widths.map(({ bits }) => bits).join();
    const point = known.get(key) ?? asPoint(copyOf(choice));
    known.set(key, point);
    return point;
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

function asPoint({ widths, noise, size: { averageBits, bytesAfter } }: ChosenWidths): AllocationPoint {
  return { bits: widths.map(({ bits }) => bits), noise, averageBits, bytes: bytesAfter };
}

const costIn: Record<Budget['unit'], (point: AllocationPoint) => number> = {
  weightBits: ({ averageBits }) => averageBits,
  bytes: ({ bytes }) => bytes,
};
