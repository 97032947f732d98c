import type { Tensor } from 'onnxruntime-web';
import { onnx } from 'onnx-proto';
import type { ModelFiles } from '../../core/bytes/byteSource';
import { dataTypeOf } from '../../core/onnx/dataType';
import type { ModelIndex } from '../../core/onnx/modelIndex';
import type { Network } from '../../core/onnx/network';
import type { RuntimeValue } from '../runtime';

/** What a model says that it is given, as ONNX Runtime tells it of a model that it has loaded. */
export function declaredInputs(files: ModelFiles, { scopes }: ModelIndex, { constants }: Network): RuntimeValue[] {
  return scopes[0]!.inputs.filter(({ name }) => !constants.has(name)).map(({ name, record }) => {
    const { input } = onnx.GraphProto.decode(Uint8Array.from(files.main.read(record.offset, record.length)));
    const tensor = input[0]?.type?.tensorType;
    if (!tensor) return { name, type: null, shape: [] };
    return { name, type: dataTypeOf(Number(tensor.elemType)) as Tensor.Type, shape: (tensor.shape?.dim ?? []).map(dimension) };
  });
}

/** A dimension that neither a number nor a name is given is open. */
function dimension({ dimValue, dimParam }: onnx.TensorShapeProto.IDimension): number | string {
  return dimValue === null || dimValue === undefined ? dimParam ?? '' : Number(dimValue);
}
