import type { ComparedLayer, ComparedModel, LayerComparison, ModelComparison } from '../core/compare/compareModels';
import type { Difference } from '../core/compare/difference';
import { layerKey } from '../core/onnx/layer';
import { formatBytes } from '../protocol/byteSize';
import { layerObstacleText, stateText } from '../protocol/comparisonText';
import { measures, type OutputComparison, type OutputDifference } from '../protocol/outputComparison';
import { printable } from '../protocol/plainText';
import { problemText } from '../protocol/problemText';
import { problemLine } from './problemLine';
import { count, decibels, number, percent, table, type Column } from './tables';

/** Two models side by side, as `compare` prints them. */
export interface PrintedComparison extends ModelComparison {
  tolerance: number;
  outputs: OutputComparison;
}

/** What `compare --json` prints. Scripts depend on its shape. */
export function compareDocument({ a, b, tolerance, layers, states, difference, outputs }: PrintedComparison): unknown {
  return {
    a: modelDocument(a), b: modelDocument(b), tolerance,
    layers: layers.map((layer) => ({
      name: (layer.a ?? layer.b)!.name,
      state: layer.state,
      changes: layer.changes,
      matchedBy: layer.matchedBy,
      ...measures(layer.difference),
      beyondTolerance: layer.difference?.beyond ?? null,
      notFinite: layer.difference?.unlike ?? null,
      identical: layer.difference?.identical ?? null,
      reason: layer.problem ? problemLine(layer.problem) : null,
      a: layer.a,
      b: layer.b,
    })),
    total: {
      equal: states.equal, changed: states.changed, notCompared: states['not-compared'], onlyA: states['only-a'],
      onlyB: states['only-b'], ...measures(difference),
    },
    outputs: {
      inputs: outputs.file,
      samples: outputs.samples,
      runtime: outputs.runtime,
      outputs: outputs.outputs.map(({ a: name, b: nameB, dims, difference: each, notFinite, top1Agreement }) => (
        { name, nameB, dims, ...measures(each), notFinite, top1Agreement }
      )),
      onlyA: outputs.onlyA,
      onlyB: outputs.onlyB,
      reason: outputs.problem ? reasonOf(outputs) : null,
    },
  };
}

function modelDocument({ path, bytes, layers, parameters }: ComparedModel): unknown {
  return { path, bytes, layers, parameters };
}

/** The same for people. */
export function compareText(comparison: PrintedComparison): string {
  const { a, b, layers, outputs } = comparison;
  const models = ([['A', a], ['B', b]] as const).map(([side, { path, layers: found, parameters, bytes }]) => (
    `${side}  ${printable(path)}: ${count(found)} layers, ${count(parameters)} weights, ${formatBytes(bytes)}`
  ));
  const parts = [
    models.join('\n'), ...(layers.length > 0 ? [layerTable(layers)] : []), totals(comparison), outputText(outputs),
  ];
  return `${parts.join('\n\n')}\n`;
}

const MEASURES: Column<{ difference: Difference | null }>[] = [
  { title: 'SQNR dB', align: 'right', cell: ({ difference }) => decibels(difference?.sqnrDb ?? null) },
  { title: 'Max difference', align: 'right', cell: ({ difference }) => number(difference?.maxAbsDifference) },
  { title: 'Cosine', align: 'right', cell: ({ difference }) => number(difference?.cosine) },
];

/** How many numbers no measure is of; left out where all are finite. */
export const NOT_FINITE: Column<{ notFinite: number | null }> = {
  title: 'Not finite', align: 'right', optional: true, cell: ({ notFinite }) => (notFinite ? count(notFinite) : ''),
};

function layerTable(layers: LayerComparison[]): string {
  return table<LayerComparison>([
    { title: 'Layer', align: 'left', cell: (layer) => bothOf(layer, (side) => layerKey(side)) },
    { title: 'Op', align: 'left', cell: (layer) => bothOf(layer, ({ op }) => op) },
    { title: 'Shape', align: 'left', cell: (layer) => bothOf(layer, ({ dims }) => dims.join('x')) },
    { title: 'Type', align: 'left', cell: (layer) => bothOf(layer, ({ dtype }) => dtype) },
    { title: 'Bits', align: 'left', cell: (layer) => bothOf(layer, ({ bits }) => (bits === null ? 'float' : String(bits))) },
    ...MEASURES,
    { ...NOT_FINITE, cell: ({ difference }) => NOT_FINITE.cell({ notFinite: difference?.unlike ?? null }) },
    { title: 'State', align: 'left', cell: stateCell },
  ], layers);
}

function stateCell(layer: LayerComparison): string {
  const obstacle = layerObstacleText(layer);
  return obstacle === '' ? stateText(layer.state) : `${stateText(layer.state)}: ${obstacle}`;
}

/** `float32`, or `float32 -> float16` where the two models differ. */
function bothOf({ a, b }: LayerComparison, text: (layer: ComparedLayer) => string): string {
  const [left, right] = [a && text(a), b && text(b)];
  return left === right || left === null || right === null ? (left ?? right ?? '') : `${left} -> ${right}`;
}

function totals({ states, difference, tolerance }: PrintedComparison): string {
  const counts = (Object.keys(states) as (keyof typeof states)[])
    .filter((state) => states[state] > 0)
    .map((state) => `${count(states[state])} ${stateText(state)}`);
  const sqnr = difference ? `; SQNR of B's weights against A's ${decibels(difference.sqnrDb)} dB` : '';
  const within = tolerance > 0 ? ` (differences up to ${tolerance} count as equal)` : '';
  return `Layers: ${counts.join(', ') || 'none in either model'}${within}${sqnr}`;
}

function outputText(outputs: OutputComparison): string {
  if (outputs.problem) return `Outputs not compared: ${printable(reasonOf(outputs))}`;
  const { file, runtime, onlyA, onlyB } = outputs;
  const inputs = file === null
    ? `${inputsText(outputs)}: what they tell is that both run, and how far apart`
    : inputsText(outputs);
  const others = ([['A', onlyA], ['B', onlyB]] as const)
    .filter(([, names]) => names.length > 0)
    .map(([side, names]) => `Only in ${side}: ${names.map(printable).join(', ')}`);
  return `Outputs in ONNX Runtime (${runtime}) on ${inputs}\n\n${[outputTable(outputs.outputs), ...others].join('\n')}`;
}

/** What models were run on. */
export function inputsText({ file, samples, scaled }: Pick<OutputComparison, 'file' | 'samples' | 'scaled'>): string {
  if (file === null) return `${count(samples)} seeded random inputs, open dimensions 1`;
  return `${count(samples)} samples of ${printable(file)}${scaled ? ', divided by 255 (--input-scale)' : ''}`;
}

/** That the file holds more than was run; null where it does not. */
export function unusedNote({ file, unused }: Pick<OutputComparison, 'file' | 'unused'>): string | null {
  if (file === null || unused.length === 0) return null;
  return `arrays of ${file} are left out, as no input has their name: ${unused.join(', ')}`;
}

/** Samples are run some at a time: an output has not as many rows as there are samples. */
export const RUN_SHAPE = 'Shape per run';

export function outputTable(outputs: OutputDifference[]): string {
  return table<OutputDifference>([
    { title: 'Output', align: 'left', cell: ({ a, b }) => (a === b ? a : `${a} -> ${b}`) },
    { title: RUN_SHAPE, align: 'left', cell: ({ dims }) => dims.join('x') },
    ...MEASURES,
    NOT_FINITE,
    { title: 'Same top 1', align: 'right', cell: ({ top1Agreement: top1 }) => percent(top1), optional: true },
  ], outputs);
}

/** What kept the outputs from being compared: the remedy would be one for a copy that is written. */
function reasonOf({ problem }: OutputComparison): string {
  if (!problem) return '';
  if (problem.code === 'inputs-invalid') return `the models do not take the same random inputs: ${problem.detail.message}`;
  const { title, detail } = problemText(problem);
  return `${title}${detail === '' ? '' : ` (${detail})`}`.replace(/\s+/g, ' ');
}
