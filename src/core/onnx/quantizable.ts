import { isFloatType } from './dataType';
import type { Layer, UnquantizableReason } from './layer';
import { storedParts, type TensorRecord } from './modelIndex';

/** The first ai.onnx version in which every operator that the writer emits broadcasts as NumPy does. */
const MIN_OPSET = 7;
/** The first in which they take bfloat16. */
const MIN_BFLOAT16_OPSET = 13;

/**
 * Whether the writer can replace a weight by codes and a table under its own name, so that no consumer changes.
 * @param opset version of ai.onnx in the weight's scope; 0 when it imports none
 * @param missing external data locations that are not there
 */
export function quantizable(record: TensorRecord, opset: number, missing: ReadonlySet<string>): Layer['quantizable'] {
  const reason = obstacle(record, opset, missing);
  return reason === null ? true : { reason };
}

function obstacle(record: TensorRecord, opset: number, missing: ReadonlySet<string>): UnquantizableReason | null {
  const { dtype, elements, computed } = record;
  if (!isFloatType(dtype) || computed) return 'already-quantized';
  if (elements === 0) return 'empty';
  if (storedParts(record).some(({ storage }) => missing.has(storage.file))) return 'external-missing';
  if (opset < (dtype === 'bfloat16' ? MIN_BFLOAT16_OPSET : MIN_OPSET)) return 'opset-too-old';
  return null;
}
