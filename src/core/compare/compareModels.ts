import type { ModelFiles } from '../bytes/byteSource';
import { CoreError, type Problem, type ProblemCode } from '../errors';
import type { CancelSignal, Job } from '../job';
import { isFloatType, type DataType } from '../onnx/dataType';
import { storedBits, type Layer } from '../onnx/layer';
import type { ModelIndex } from '../onnx/modelIndex';
import { weightChunks } from '../onnx/weights';
import { matchLayers, type MatchRule } from './matchLayers';
import { addSums, differenceOf, noDifferences, sumDifferences, type Difference, type DifferenceSums } from './difference';

/** A layer as a comparison shows it. */
export interface ComparedLayer {
  index: number;
  name: string;
  scope: string;
  /** Operators that consume it, each once: `Conv`, or `Gather, MatMul`. */
  op: string;
  /** The first consumer. */
  node: string;
  dims: number[];
  dtype: DataType;
  /** Of a weight's integer or code where it is quantized; null in float. */
  bits: number | null;
  elements: number;
  bytes: number;
}

export type LayerState = 'equal' | 'changed' | 'not-compared' | 'only-a' | 'only-b';
export type LayerChange = 'weights' | 'shape' | 'dtype' | 'bits' | 'op';

/** One layer of either model or both. */
export interface LayerComparison {
  a: ComparedLayer | null;
  b: ComparedLayer | null;
  /** Null where only one model has the layer. */
  matchedBy: MatchRule | null;
  /** `not-compared`: nothing else changed, and weights of this type cannot be read as numbers, or not at all. */
  state: LayerState;
  changes: LayerChange[];
  /** Of B's weights from A's; null where there is nothing to compare weight by weight. */
  difference: Difference | null;
  /** Why the weights could not be read. */
  problem: Problem | null;
}

export interface ComparedModel {
  path: string;
  /** On disk, external data included. */
  bytes: number;
  layers: number;
  parameters: number;
  /** Locations of external data. */
  externalFiles: string[];
}

export interface ModelComparison {
  a: ComparedModel;
  b: ComparedModel;
  /** In A's order, those that only B has at the end. */
  layers: LayerComparison[];
  /** How many layers are in each state. */
  states: Record<LayerState, number>;
  /** Over the weights of all layers that were compared together; null when there are none. */
  difference: Difference | null;
}

export interface CompareOptions {
  /** Absolute difference up to which two weights count as equal. */
  tolerance: number;
}

interface Side {
  files: ModelFiles;
  index: ModelIndex;
}

/** What makes weights of one layer unreadable, and nothing of the others. */
const LAYER_PROBLEMS: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'external-missing', 'external-escapes', 'external-too-short', 'malformed', 'truncated', 'limit-exceeded',
]);

/**
 * Compares two models layer by layer. Weights of both are read side by side, a chunk at a time.
 * @throws CoreError `cancelled`, `file-changed`, `file-unreadable`
 */
export function compareModels(a: Side, b: Side, { tolerance }: CompareOptions, job: Job = {}): ModelComparison {
  const { pairs, onlyA, onlyB } = matchLayers(a.index.layers, b.index.layers);
  const elements = pairs.reduce((sum, pair) => sum + pair.a.elements, 0);
  const total = noDifferences();
  const compared: LayerComparison[] = [];
  let done = 0;
  for (const pair of pairs) {
    const layers = { a: comparedLayer(pair.a), b: comparedLayer(pair.b) };
    const { matchedBy } = pair;
    const { sums, problem } = pairDifference(a, b, pair, tolerance, job);
    if (sums) addSums(total, sums);
    compared.push({ ...layers, matchedBy, ...verdict(layers, sums), difference: sums && differenceOf(sums), problem });
    done += pair.a.elements;
    job.onProgress?.(done / Math.max(elements, 1));
  }
  const layers = [...compared, ...onlyA.map((layer) => single(layer, 'a'))]
    .sort((x, y) => x.a!.index - y.a!.index)
    .concat(onlyB.map((layer) => single(layer, 'b')));
  return {
    a: comparedModel(a.index), b: comparedModel(b.index), layers, states: countStates(layers),
    difference: compared.some(({ difference }) => difference) ? differenceOf(total) : null,
  };
}

function pairDifference(
  a: Side, b: Side, pair: { a: Layer; b: Layer }, tolerance: number, { signal }: Job,
): { sums: DifferenceSums | null; problem: Problem | null } {
  const comparable = sameDims(pair.a.dims, pair.b.dims) && isFloatType(pair.a.dtype) && isFloatType(pair.b.dtype);
  if (!comparable) return { sums: null, problem: null };
  try {
    return { sums: sumDifferences(chunksOf(a, pair.a, signal), chunksOf(b, pair.b, signal), tolerance, signal), problem: null };
  } catch (error) {
    if (error instanceof CoreError && LAYER_PROBLEMS.has(error.problem.code)) return { sums: null, problem: error.problem };
    throw error;
  }
}

function chunksOf({ files, index }: Side, layer: Layer, signal: CancelSignal | undefined): ReturnType<typeof weightChunks> {
  return weightChunks(files, index.tensors[layer.tensor]!, signal);
}

function verdict(
  { a, b }: { a: ComparedLayer; b: ComparedLayer }, sums: DifferenceSums | null,
): Pick<LayerComparison, 'state' | 'changes'> {
  const differs: Record<LayerChange, boolean> = {
    weights: sums !== null && sums.beyond > 0,
    shape: !sameDims(a.dims, b.dims),
    dtype: a.dtype !== b.dtype,
    bits: a.bits !== b.bits,
    op: a.op !== b.op,
  };
  const changes = (Object.keys(differs) as LayerChange[]).filter((change) => differs[change]);
  return { changes, state: changes.length > 0 ? 'changed' : sums ? 'equal' : 'not-compared' };
}

function single(layer: Layer, side: 'a' | 'b'): LayerComparison {
  const compared = comparedLayer(layer);
  return {
    a: side === 'a' ? compared : null, b: side === 'b' ? compared : null, matchedBy: null, state: `only-${side}`, changes: [],
    difference: null, problem: null,
  };
}

function comparedLayer(layer: Layer): ComparedLayer {
  const { name, scope, consumers, dims, dtype, elements, bytes } = layer;
  const op = [...new Set(consumers.map((consumer) => consumer.op))].sort().join(', ');
  return {
    index: layer.index, name, scope, op, node: consumers[0]?.node ?? '', dims, dtype, bits: quantizedBits(layer), elements, bytes,
  };
}

function quantizedBits(layer: Layer): number | null {
  return layer.quantized || !isFloatType(layer.dtype) ? storedBits(layer) : null;
}

function comparedModel({ path, bytes, layers, parameters, externalFiles }: ModelIndex): ComparedModel {
  return {
    path, bytes, layers: layers.length, parameters, externalFiles: externalFiles.map(({ location }) => location),
  };
}

function countStates(layers: LayerComparison[]): Record<LayerState, number> {
  const states = { equal: 0, changed: 0, 'not-compared': 0, 'only-a': 0, 'only-b': 0 };
  for (const { state } of layers) states[state]++;
  return states;
}

function sameDims(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}
