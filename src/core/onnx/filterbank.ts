import type { ModelFiles } from '../bytes/byteSource';
import { isFloatType } from './dataType';
import type { Layer } from './layer';
import type { TensorRecord } from './modelIndex';
import { passingChunks } from './weights';

/** Filterbanks are of these sizes: other matrices are not looked into. */
const FEWEST_ELEMENTS = 1024;
const MOST_ELEMENTS = 1 << 20;

/** One small read tells learned weights, which are of both signs. */
const FIRST_LOOK = 64;

const MATRIX_PRODUCTS = new Set(['MatMul', 'Gemm']);

type MatrixLayer = Pick<Layer, 'dims' | 'elements' | 'dtype' | 'consumers'>;

/**
 * Whether a matrix is a bank of filters over frequency bands, such as the mel and ERB scales have, by its values: none is
 * negative and more than half are exactly 0, which training does not leave. Ours: of the weights in a few dozen public
 * models, those of the one known filterbank alone are like that.
 * @throws CoreError as `passingChunks`
 */
export function isFilterbank(files: ModelFiles, layer: MatrixLayer, record: TensorRecord): boolean {
  if (!isCandidate(layer, record)) return false;
  for (const look of passingChunks(files, record, undefined, FIRST_LOOK)) {
    if (look.some((weight) => !(weight >= 0))) return false;
    break;
  }
  let zeros = 0;
  for (const chunk of passingChunks(files, record, undefined)) {
    for (const weight of chunk) {
      if (!(weight >= 0)) return false;
      if (weight === 0) zeros++;
    }
  }
  return zeros > layer.elements / 2 && zeros < layer.elements;
}

function isCandidate({ dims, elements, dtype, consumers }: MatrixLayer, { storage: { form }, computed }: TensorRecord): boolean {
  return dims.length === 2 && elements >= FEWEST_ELEMENTS && elements <= MOST_ELEMENTS && isFloatType(dtype)
    && (form === 'raw' || form === 'typed') && !computed && consumers.every(({ op }) => MATRIX_PRODUCTS.has(op));
}
