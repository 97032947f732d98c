import type { ModelFiles } from '../bytes/byteSource';
import { concat } from '../bytes/concat';
import type { FloatArray } from '../onnx/dataType';
import type { NewConstant } from '../onnx/copyEdits';
import type { ModelIndex } from '../onnx/modelIndex';
import { encodeTensorHeader, withInput } from '../onnx/protoWriter';
import { storedFloats } from '../onnx/storedFloats';
import { readWeights } from '../onnx/weights';
import type { LayerBias } from './layerBias';

/** A bias that a copy holds anew, and its values, which change until the copy is written. */
export interface NewBias {
  values: FloatArray;
  constant: NewConstant;
  /** Index into `ModelIndex.tensors` of the bias whose place it takes; null for a layer's first bias. */
  tensor: number | null;
}

/**
 * A layer's bias with the values that it has, or zeros where it has none yet. In a copy it takes the place of the old bias's
 * record under its name, with its shape and type; a first one follows its node, which gets one more input: repeated
 * fields may stand apart, and their order is the inputs' (protobuf encoding, repeated elements).
 * @param name of a first bias
 * @throws CoreError as `readWeights`
 */
export function newBias(files: ModelFiles, index: ModelIndex, { tensor, dims, dtype, node }: LayerBias, name: string): NewBias {
  const known = tensor === null ? null : index.tensors[tensor]!;
  const values = known ? readWeights(files, known) : new Float64Array(dims[0]!);
  const replaced = known ? known.record : node.record;
  const head = known ? new Uint8Array(0) : withInput(Uint8Array.from(files.main.read(replaced.offset, replaced.length)), name);
  const header = { name: known ? known.name : name, dims, dtype };
  return { values, tensor, constant: { ...header, replaced, head, data: () => storedFloats(values, dtype) } };
}

/** What stands in the copy: a node with its first bias, or a bias alone. */
export function constantRecord({ head, data, ...header }: NewConstant): Uint8Array {
  return concat([head, encodeTensorHeader(header), data()]);
}
