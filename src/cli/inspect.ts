import { isFloatType } from '../core/onnx/dataType';
import { missingFiles } from '../core/onnx/externalFile';
import { unusableReason } from '../core/quantizers/unusableWeights';
import { layerKey, type Layer } from '../core/onnx/layer';
import { CoreError } from '../core/errors';
import { unknownLayer } from '../core/plan/planJson';
import { printable } from '../protocol/plainText';
import { skipReasonText } from '../protocol/problemText';
import { obstacleText } from '../protocol/quantizedText';
import type { ModelSummary } from '../protocol/coreService';
import type { InspectArguments } from './arguments';
import { matchingLayers } from './glob';
import { inspectDocument, jsonText, type InspectedLayer } from './json';
import { problemLine } from './problemLine';
import { valueOf, type Session } from './session';
import { formatBytes } from '../protocol/byteSize';
import { count, number, table } from './tables';

/** Prints a model's layers with statistics and fits of their weights. */
export async function inspect({ model: path, layer, bins, json }: InspectArguments, session: Session): Promise<void> {
  const model = valueOf(await session.core.openModel({ path }, { signal: session.signal }));
  const wanted = layer === undefined ? model.layers : layersNamed(layer, model.layers);
  let done = 0;
  const inspected = await Promise.all(wanted.map(async (each) => {
    const outcome = await inspectLayer(each, model, bins, session);
    session.progress(++done / wanted.length);
    return outcome;
  }));
  for (const line of eachOnce(inspected.flatMap(({ problem }) => problem ?? []))) session.warn(line);
  const layers = inspected.map(({ layer }) => layer);
  session.print(json ? jsonText(inspectDocument(model, layers)) : inspectText(model, layers));
}

/** A layer, and in a line why its weights could not be read. */
async function inspectLayer(
  layer: Layer, model: ModelSummary, bins: number, session: Session,
): Promise<{ layer: InspectedLayer; problem?: string }> {
  if (!isFloatType(layer.dtype)) return { layer: { layer, statistics: null } };
  const { path } = model;
  const outcome = await session.core.layerStatistics({ path }, layer.index, bins, { signal: session.signal });
  if (outcome.ok) return { layer: { layer, statistics: outcome.value } };
  if (outcome.problem.code === 'cancelled' || outcome.problem.code === 'internal') valueOf(outcome);
  return { layer: { layer, statistics: null }, problem: problemLine(outcome.problem) };
}

/** A file that is missing has the same to say of every layer in it. */
function eachOnce(lines: string[]): string[] {
  const layers = new Map<string, number>();
  for (const line of lines) layers.set(line, (layers.get(line) ?? 0) + 1);
  return [...layers].map(([line, of]) => (of === 1 ? line : `${count(of)} layers: ${line}`));
}

function layersNamed(glob: string, layers: Layer[]): Layer[] {
  const matching = matchingLayers(glob, layers);
  if (matching.length > 0) return matching;
  const { code, place, detail } = unknownLayer(glob, layers.map(layerKey), { path: '--layer' });
  throw new CoreError(code, place, detail);
}

function inspectText(model: ModelSummary, layers: InspectedLayer[]): string {
  const missing = missingFiles(model.externalFiles).map(({ location }) => location);
  const parts = [
    printable(modelLine(model)),
    ...(missing.length > 0 ? [printable(`External data not found: ${missing.join(', ')}`)] : []),
    layers.length > 0 ? layerTable(layers) : 'No layers: none of its constants is a weight, of two or more dimensions, of an operator such as Conv, Gemm, MatMul or LSTM.',
    ...(layers.some(({ statistics }) => statistics?.laplace) ? [LEGEND] : []),
  ];
  return `${parts.join('\n\n')}\n`;
}

function modelLine(model: ModelSummary): string {
  const opsets = Object.entries(model.opsets).map(([domain, version]) => `${domain || 'ai.onnx'} ${version}`).join(', ');
  const facts = [
    model.producer, `IR ${model.irVersion}`, `opset ${opsets}`, counted(model.layers.length, 'layer'),
    counted(model.parameters, 'weight'), formatBytes(model.bytes),
  ];
  return `${model.path}: ${facts.filter((fact) => fact !== '').join(', ')}`;
}

function counted(amount: number, noun: string): string {
  return `${count(amount)} ${noun}${amount === 1 ? '' : 's'}`;
}

function unusable({ layer, statistics }: InspectedLayer): string {
  if (!statistics) return '';
  const { count, nan, inf } = statistics;
  const reason = unusableReason({ ...statistics, count: count - nan - inf }, count, layer.dtype);
  return reason ? skipReasonText(reason) : '';
}

const LEGEND = 'b: scale of the Laplacian fitted to the weights; KS: its Kolmogorov–Smirnov distance from them, 0 at best, 1 at worst';

function layerTable(layers: InspectedLayer[]): string {
  return table<InspectedLayer>([
    { title: 'Layer', align: 'left', cell: ({ layer }) => layerKey(layer) },
    { title: 'Op', align: 'left', cell: ({ layer }) => layer.consumers[0]?.op ?? '-' },
    { title: 'Shape', align: 'left', cell: ({ layer }) => layer.dims.join('x') },
    { title: 'Type', align: 'left', cell: ({ layer }) => layer.dtype },
    { title: 'Weights', align: 'right', cell: ({ layer }) => count(layer.elements) },
    { title: 'Min', align: 'right', cell: ({ statistics }) => number(statistics?.min) },
    { title: 'Max', align: 'right', cell: ({ statistics }) => number(statistics?.max) },
    { title: 'b', align: 'right', cell: ({ statistics }) => number(statistics?.laplace?.scale) },
    { title: 'KS', align: 'right', cell: ({ statistics }) => number(statistics?.laplace?.ks) },
    {
      title: 'Left alone because', align: 'left', optional: true,
      cell: ({ layer, statistics }) => obstacleText(layer) ?? (layer.fixed ? skipReasonText('not-a-weight') : unusable({ layer, statistics })),
    },
  ], layers);
}
