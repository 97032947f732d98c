import { isFloatType } from './dataType';
import type { Consumer, Layer, UnquantizableReason } from './layer';
import type { Scope, TensorRecord } from './modelIndex';
import { isWritableConsumer } from './weightInputs';

/** The first ai.onnx version in which every operator that the writer emits broadcasts as NumPy does. */
const MIN_OPSET = 7;

/**
 * Whether the writer can replace a weight by codes and a table under its own name.
 * @param opset version of ai.onnx; 0 when the model imports none
 * @param missing external data locations that are not there
 */
export function quantizable(
  record: TensorRecord, consumers: Consumer[], scope: Scope, opset: number, missing: ReadonlySet<string>,
): Layer['quantizable'] {
  const reason = obstacle(record, consumers, scope, opset, missing);
  return reason === null ? true : { reason };
}

function obstacle(
  record: TensorRecord, consumers: Consumer[], scope: Scope, opset: number, missing: ReadonlySet<string>,
): UnquantizableReason | null {
  const { dtype, elements, holder, storage } = record;
  if (!isFloatType(dtype)) return 'already-quantized';
  if (elements === 0) return 'empty';
  if (scope.kind === 'subgraph') return 'in-subgraph';
  if (scope.kind === 'function') return 'in-function';
  if (holder === 'sparse' || storage.form === 'sparse') return 'sparse';
  if (dtype !== 'float32' && dtype !== 'float16') return 'dtype-not-supported';
  if (storage.form === 'external' && missing.has(storage.file)) return 'external-missing';
  if (opset < MIN_OPSET) return 'opset-too-old';
  if (!consumers.every(({ op }) => isWritableConsumer(op))) return 'consumer-not-supported';
  return null;
}
