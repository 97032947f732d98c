import type { CancelSignal } from '../job';
import { dataTypeCode, type NewNode } from '../onnx/protoWriter';
import { int64Tensor, isGrid, type Blueprint, type NewTensor, type StoredCodes, type Weight } from './blueprint';
import { allCodes, type CodeRun } from './codeRun';
import { codesName } from './codesName';
import { fixedZeroPoint, levelTail } from './levelTail';
import { groupDims, type LookupTables } from './lookupTables';
import { indicesPerByte, packPlane, packingOf, rowsFor, type Packing } from './packing';
import { firstAlong, groupedDims, type Computed } from './perGroup';

/**
 * 2 to 7 bits a weight: Cast → [Gather → Add, for each plane above the byte plane →] Gather of whole groups → Reshape → the
 * tail that makes levels of steps or codes, in ai.onnx 7 and later. ONNX Runtime folds all of it when it loads the model.
 * `tables` are those of the weight's width and form.
 */
export function packedCodes(weight: Weight, tables: LookupTables): Blueprint<StoredCodes> {
  const { part, shape } = weight;
  const packing = packingOf(shape.width);
  const planes = codePlanes(weight, [rowsFor(packing, shape.elements)]);
  const groups = unpackedGroups(part, planes.map((plane) => plane.name), tables);
  const unpadded = isPadded(packing, shape.elements)
    ? cutPadding(weight, groups.value)
    : { value: groups.value, nodes: [], tensors: [] };
  const reshape: NewNode = { op: 'Reshape', inputs: [unpadded.value, part('shape')], output: part('steps') };
  const tail = levelTail(weight, reshape.output, shape.form === 'affine');
  return {
    nodes: [...groups.nodes, ...unpadded.nodes, reshape, ...tail.nodes],
    tensors: [...planes, ...unpadded.tensors, int64Tensor(part('shape'), groupedDims(shape.groups)), ...tail.tensors],
  };
}

/** The planes that hold the codes, as they are or `arranged`; `rows` of `packingOf` lie along the first axes. */
export function codePlanes(
  weight: Weight, rows: number[], arranged?: (codes: Uint8Array, signal?: CancelSignal) => Uint8Array,
): NewTensor<StoredCodes>[] {
  const { shape } = weight;
  const packing = packingOf(shape.width);
  const offset = codeOffset(shape);
  // More than one plane is more than once.
  const inTurn = (codes: CodeRun): CodeRun => (packing.planes.length === 1 ? codes : allCodes(codes));
  return packing.planes.map((plane) => ({
    name: codesName(weight, shape.width, `${plane.width}`),
    dims: [...rows, ...groupDims(packing.groupsPerRow / indicesPerByte(plane))],
    dtype: 'uint8',
    data: ({ codes, signal }) => packPlane(arranged ? arranged(allCodes(codes), signal) : inTurn(codes), packing, plane, offset, signal),
  }));
}

/** What a code is raised by in the tables of a wider packing, so that k − zero point stays the same. */
function codeOffset({ form, bits, width }: Weight['shape']): number {
  if (!isGrid(form)) return 0;
  return (fixedZeroPoint(form, width) ?? 0) - (fixedZeroPoint(form, bits) ?? 0);
}

/** From values that hold planes to one with the entries of all groups; `part` names it and those between. */
export function unpackedGroups(
  part: Weight['part'], planes: string[], tables: LookupTables,
): { value: string; nodes: NewNode[] } {
  const index = groupIndex(part, planes, tables);
  const value = part('groups');
  return { value, nodes: [...index.nodes, { op: 'Gather', inputs: [tables.steps, index.value], output: value }] };
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
