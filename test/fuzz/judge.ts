import { memoryFiles } from '../../src/core/bytes/memorySource';
import { CoreError } from '../../src/core/errors';
import { indexModel } from '../../src/core/onnx/indexModel';
import { planCopy } from '../../src/core/onnx/planCopy';
import { weightChunks } from '../../src/core/onnx/weights';
import { writeCopy } from '../../src/core/onnx/writeCopy';
import { completeSettings, type PartialSettings, type PlannedLayer } from '../../src/core/plan/layerSettings';
import { layerStatistics } from '../../src/core/statistics/layerStatistics';
import { quantizePlanned } from '../../src/workers/layerPreview';
import { modelInMemory } from '../../src/workers/modelCache';
import { tensorOf, unusableLayers } from '../../src/workers/modelWeights';
import { memorySink, type MemorySink } from '../fixtures/memorySink';

export type External = ReadonlyMap<string, Uint8Array>;

/**
 * Weights that a file need not hold (sparse and computed ones) may be many; the limit on them is tested by itself. Larger
 * layers take the same ways as small ones, and a hundred times as long: one case in `LARGE_EVERY` reads them.
 */
const MOST_ELEMENTS = 2 ** 20;
const FEW_ELEMENTS = 2 ** 11;
const LARGE_EVERY = 32;
const LAYERS_READ = 3;
const SETTINGS: PartialSettings[] = [
  { method: 'uniform', bits: 4, support: 'abs-max', granularity: 'channel' },
  { method: 'uniform', bits: 8, support: 'abs-max', granularity: 'tensor' },
  { method: 'pwlq', bits: 3, granularity: 'tensor' },
  { method: 'apot', bits: 4, granularity: 'tensor' },
];

/**
 * Takes a file through everything that reads it: index, statistics of some layers, the plan of a copy and its bytes, and
 * the copy's own index. Returns what it came to: `layers`, `copy`, or the code of the one problem.
 * @throws whatever is no `CoreError`, or `internal`: a defect
 */
export function judge(model: Uint8Array, external: External, choice: number): string {
  let copy: Map<string, MemorySink> | null;
  try {
    copy = handled(model, external, choice);
  } catch (error) {
    if (error instanceof CoreError && error.problem.code !== 'internal') return error.problem.code;
    throw error;
  }
  if (!copy) return 'layers';
  // What was accepted once must be accepted again: here a problem is a defect.
  const [written, data] = ['', '.data'].map((suffix) => copy.get(suffix)?.bytes() ?? Buffer.alloc(0));
  indexModel(memoryFiles('copy.onnx', written!, new Map([...external, ['copy.onnx.data', data!]])), 'copy.onnx');
  return 'copy';
}

function handled(bytes: Uint8Array, external: External, choice: number): Map<string, MemorySink> | null {
  const files = memoryFiles('m.onnx', bytes, external);
  const index = indexModel(files, 'm.onnx');
  const model = modelInMemory(files, index);
  const most = choice % LARGE_EVERY === LARGE_EVERY - 1 ? MOST_ELEMENTS : FEW_ELEMENTS;
  const layers = index.layers.filter((layer) => layer.elements <= most && layer.quantizable === true).slice(0, LAYERS_READ);
  for (const layer of layers) layerStatistics(() => weightChunks(files, tensorOf(index, layer), undefined), 16);
  const settings = completeSettings(SETTINGS[choice % SETTINGS.length]!);
  const planned = layers.map(({ index: layer }): PlannedLayer => ({ layer, settings }));
  const format = choice % 3 === 0 ? 'qdq' : choice % 3 === 1 ? 'fast' : 'exact';
  const plan = planCopy(index, planned, 'copy.onnx', { format, unusable: unusableLayers(model, planned, undefined) });
  if (plan.layers.length === 0) return null;
  const outputs = new Map<string, MemorySink>();
  writeCopy(files, index, plan, (layer, own) => quantizePlanned(model, { layer: layer.index, settings: own }, undefined), (suffix) => {
    const sink = memorySink();
    outputs.set(suffix, sink);
    return sink;
  });
  return outputs;
}
