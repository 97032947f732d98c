import { dataTypeCode, type NewNode } from '../onnx/protoWriter';
import { int64Tensor, type Blueprint, type NewTensor, type StoredCodes, type Weight } from './blueprint';
import { gridTail } from './gridTail';
import { groupDims, type LookupTables } from './lookupTables';
import { indicesPerByte, packPlane, packingOf, rowsFor, type Packing } from './packing';

/** From this ai.onnx version Slice takes its bounds as inputs; before, as attributes. */
const SLICE_WITH_INPUTS = 10;

/**
 * 2 to 7 bits: Cast → [Gather → Add, for each plane above the byte plane →] Gather of whole groups → Reshape → the
 * grid's tail, in ai.onnx 7 and later. ONNX Runtime folds all of it when it loads the model. `tables` are those of the
 * weight's bit width and grid.
 */
export function packedCodes(weight: Weight, tables: LookupTables): Blueprint<StoredCodes> {
  const { part, shape } = weight;
  const packing = packingOf(shape.bits);
  const planes = packing.planes.map((plane): NewTensor<StoredCodes> => ({
    name: part(`codes${plane.width}`),
    dims: [rowsFor(packing, shape.elements), ...groupDims(packing.groupsPerRow / indicesPerByte(plane))],
    dtype: 'uint8',
    data: ({ codes }) => packPlane(codes, packing, plane),
  }));
  const index = groupIndex(part, planes.map((plane) => plane.name), tables);
  const groups: NewNode = { op: 'Gather', inputs: [tables.steps, index.value], output: part('groups') };
  const unpadded = isPadded(packing, shape.elements)
    ? cutPadding(weight, groups.output)
    : { value: groups.output, nodes: [], tensors: [] };
  const reshape: NewNode = { op: 'Reshape', inputs: [unpadded.value, part('shape')], output: part('steps') };
  const tail = gridTail(weight, reshape.output, shape.grid === 'affine');
  return {
    nodes: [...index.nodes, groups, ...unpadded.nodes, reshape, ...tail.nodes],
    tensors: [...planes, ...unpadded.tensors, int64Tensor(part('shape'), shape.dims), ...tail.tensors],
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
function cutPadding({ part, shape }: Weight, groups: string): Blueprint<unknown> & { value: string } {
  const [flat, line, cut, start, end] = [part('flat'), part('line'), part('cut'), part('start'), part('end')];
  const reshape: NewNode = { op: 'Reshape', inputs: [groups, flat], output: line };
  const tensors = [int64Tensor(flat, [-1])];
  if (shape.opset < SLICE_WITH_INPUTS) {
    const slice = { op: 'Slice', inputs: [line], output: cut, attributes: { starts: [0], ends: [shape.elements] } };
    return { value: cut, nodes: [reshape, slice], tensors };
  }
  return {
    value: cut,
    nodes: [reshape, { op: 'Slice', inputs: [line, start, end], output: cut }],
    tensors: [...tensors, int64Tensor(start, [0]), int64Tensor(end, [shape.elements])],
  };
}
