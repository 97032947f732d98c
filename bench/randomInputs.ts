import { Tensor, type InferenceSession } from 'onnxruntime-node';

/** What stands for a dimension that the model leaves open. */
const OPEN_DIMENSION = 1;

/** Linear congruential generator of Numerical Recipes: the same numbers on every machine. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * One tensor for each input: floats uniform in [0, 1), integers 0 or 1, dimensions the model leaves open set to 1.
 * @throws Error for an input of another type
 */
export function randomInputs(session: InferenceSession, seed = 1): Record<string, Tensor> {
  const random = seeded(seed);
  const inputs: Record<string, Tensor> = {};
  for (const input of session.inputMetadata) {
    if (!input.isTensor) throw new Error(`input ${input.name} is no tensor`);
    const dims = input.shape.map((dim) => (typeof dim === 'number' && dim > 0 ? dim : OPEN_DIMENSION));
    const count = dims.reduce((product, dim) => product * dim, 1);
    inputs[input.name] = new Tensor(input.type, valuesOf(input.type, count, random) as Float32Array, dims);
  }
  return inputs;
}

function valuesOf(type: string, count: number, random: () => number): Float32Array | BigInt64Array | Int32Array {
  if (type === 'float32') return Float32Array.from({ length: count }, random);
  if (type === 'int64') return BigInt64Array.from({ length: count }, () => BigInt(Math.round(random())));
  if (type === 'int32') return Int32Array.from({ length: count }, () => Math.round(random()));
  throw new Error(`no random values for type ${type}`);
}
