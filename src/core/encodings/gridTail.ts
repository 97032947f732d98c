import { CoreError } from '../errors';
import { dataTypeCode, type NewNode } from '../onnx/protoWriter';
import type { UniformGrid } from '../quantizers/codebook';
import { float32Bytes, type Blueprint, type NewTensor, type StoredCodes, type Weight } from './blueprint';

/**
 * The zero point that all weights of a grid share, so that tables can hold k − zero point; null when each codebook has
 * its own (affine).
 */
export function fixedZeroPoint(grid: UniformGrid['kind'], bits: number): number | null {
  if (grid === 'symmetric') return 2 ** (bits - 1) - 1;
  if (grid === 'mid-rise') return (2 ** bits - 1) / 2;
  return null;
}

/**
 * From float32 steps to the weight: [Sub zero point,] Mul scale [, Add offset] [, Cast to float16]. ONNX Runtime rounds
 * to float32 after each node. Mul and Add of float16 are not folded by it and round differently, hence the Cast last.
 * `steps` are k − zero point, or codes k when `subtractZeroPoint`.
 */
export function gridTail(weight: Weight, steps: string, subtractZeroPoint: boolean): Blueprint<StoredCodes> {
  const { name, part, shape } = weight;
  const operations = [
    ...(subtractZeroPoint ? [{ op: 'Sub', operand: 'zero', of: (grid: UniformGrid) => grid.zeroPoint }] : []),
    { op: 'Mul', operand: 'scale', of: (grid: UniformGrid) => grid.scale },
    ...(shape.offset ? [{ op: 'Add', operand: 'offset', of: (grid: UniformGrid) => grid.offset }] : []),
  ];
  const nodes: NewNode[] = [];
  const tensors: NewTensor<StoredCodes>[] = [];
  let value = steps;
  for (const [i, { op, operand, of }] of operations.entries()) {
    const last = i === operations.length - 1 && !shape.float16;
    const output = last ? name : part(op.toLowerCase());
    nodes.push({ op, inputs: [value, part(operand)], output });
    tensors.push(perCodebook(weight, operand, of));
    value = output;
  }
  if (shape.float16) {
    nodes.push({ op: 'Cast', inputs: [value], output: name, attributes: { to: dataTypeCode('float16') } });
  }
  return { nodes, tensors };
}

/** One number per codebook, shaped so that it broadcasts along the channel axis. */
function perCodebook(weight: Weight, operand: string, of: (grid: UniformGrid) => number): NewTensor<StoredCodes> {
  const { channelAxis, dims } = weight.shape;
  const broadcast = channelAxis === null ? [] : dims.slice(channelAxis).map((dim, i) => (i === 0 ? dim : 1));
  return {
    name: weight.part(operand),
    dims: broadcast,
    dtype: 'float32',
    data: ({ codebooks }) => float32Bytes(codebooks.map((codebook) => of(gridOf(codebook.uniform, weight)))),
  };
}

/** A codebook that does not fit the nodes already promised is a defect, not bad input. */
function gridOf(grid: UniformGrid | undefined, { name, shape }: Weight): UniformGrid {
  const fixed = fixedZeroPoint(shape.grid, shape.bits);
  const fits = grid?.kind === shape.grid && (fixed ?? grid.zeroPoint) === grid.zeroPoint && (shape.offset || grid.offset === 0);
  if (!fits) throw new CoreError('internal', { tensor: name }, { reason: 'codebook does not fit its encoding' });
  return grid;
}
