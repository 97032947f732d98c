import { dataTypeCode, type NewNode } from '../onnx/protoWriter';
import { int64Tensor, type Blueprint, type NewTensor, type StoredCodes, type Weight } from './blueprint';
import { levelTail } from './levelTail';
import { groupDims, type LookupTables } from './lookupTables';
import { indicesPerByte, packPlane, packingOf, rowsFor, type Packing } from './packing';
import { firstAlong, groupedDims, type Computed } from './perGroup';

/**
 * 2 to 7 bits: Cast → [Gather → Add, for each plane above the byte plane →] Gather of whole groups → Reshape → the
 * tail that makes levels of steps or codes, in ai.onnx 7 and later. ONNX Runtime folds all of it when it loads the model.
 * `tables` are those of the weight's bit width and form.
 */
export function packedCodes(weight: Weight, tables: LookupTables): Blueprint<StoredCodes> {
  const { part, shape } = weight;
  const packing = packingOf(shape.bits);
  const planes = packing.planes.map((plane): NewTensor<StoredCodes> => ({
    name: part(`codes${plane.width}`),
    dims: [rowsFor(packing, shape.elements), ...groupDims(packing.groupsPerRow / indicesPerByte(plane))],
    dtype: 'uint8',
    data: ({ codes, signal }) => packPlane(codes, packing, plane, signal),
  }));
  const index = groupIndex(part, planes.map((plane) => plane.name), tables);
  const groups: NewNode = { op: 'Gather', inputs: [tables.steps, index.value], output: part('groups') };
  const unpadded = isPadded(packing, shape.elements)
    ? cutPadding(weight, groups.output)
    : { value: groups.output, nodes: [], tensors: [] };
  const reshape: NewNode = { op: 'Reshape', inputs: [unpadded.value, part('shape')], output: part('steps') };
  const tail = levelTail(weight, reshape.output, shape.form === 'affine');
  return {
    nodes: [...index.nodes, groups, ...unpadded.nodes, reshape, ...tail.nodes],
    tensors: [...planes, ...unpadded.tensors, int64Tensor(part('shape'), groupedDims(shape.groups)), ...tail.tensors],
  };
}

function groupIndex(part: Weight['part'], planes: string[], tables: LookupTables): { value: string; nodes: NewNode[] } {
  const nodes: NewNode[] = [];
  let value = '';
  for (const [i, plane] of planes.entries()) {
    const cast = part(`index${i}`);
    nodes.push({ op: 'Cast', inputs: [plane], output: cast, attributes: { to: dataTypeCode('int32') } });
    if (i === 0) {
      value = cast;
      continue;
    }
    const [upper, sum] = [part(`upper${i}`), part(`sum${i}`)];
    nodes.push({ op: 'Gather', inputs: [tables.uppers[i - 1]!, cast], output: upper });
    nodes.push({ op: 'Add', inputs: [value, upper], output: sum });
    value = sum;
  }
  return { value, nodes };
}

function isPadded(packing: Packing, elements: number): boolean {
  return elements % (packing.codesPerGroup * packing.groupsPerRow) !== 0;
}

/** The first `elements` steps of all groups in a row. */
function cutPadding(weight: Weight, groups: string): Computed {
  const { part, shape } = weight;
  const [flat, line] = [part('flat'), part('line')];
  const cut = firstAlong(weight, 'cut', line, 0, shape.elements);
  return {
    ...cut,
    nodes: [{ op: 'Reshape', inputs: [groups, flat], output: line }, ...cut.nodes],
    tensors: [int64Tensor(flat, [-1]), ...cut.tensors],
  };
}
