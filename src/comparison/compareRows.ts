import type { ComparedLayer, ComparedModel, LayerComparison, ModelComparison } from '../core/compare/compareModels';
import type { CompareRow, CompareRowLayer, CompareSummary } from '../protocol/comparePage';
import { layerObstacleText } from '../protocol/comparisonText';

/** What the core found, in the shapes the page draws. */

export function compareRowOf(layer: LayerComparison, index: number): CompareRow {
  const { state, a, b, matchedBy, difference } = layer;
  return {
    index, state, matchedBy,
    a: a && rowLayer(a),
    b: b && rowLayer(b),
    sqnrDb: finite(difference?.sqnrDb),
    maxAbsDifference: finite(difference?.maxAbsDifference),
    cosine: finite(difference?.cosine),
    beyond: difference?.beyond ?? null,
    unlike: difference?.unlike ?? null,
    identical: difference?.identical ?? null,
    note: layerObstacleText(layer),
  };
}

export function compareSummaryOf({ a, b, states, difference }: ModelComparison): CompareSummary {
  return {
    a: totalsOf(a), b: totalsOf(b), states,
    sqnrDb: finite(difference?.sqnrDb), cosine: finite(difference?.cosine), identical: difference?.identical ?? null,
  };
}

function rowLayer({ name, scope, op, dims, dtype, bits, elements, bytes }: ComparedLayer): CompareRowLayer {
  return { name, scope, op, dims, dtype, bits, elements, bytes };
}

function totalsOf({ bytes, layers, parameters }: ComparedModel): CompareSummary['a'] {
  return { bytes, layers, parameters };
}

function finite(value: number | null | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
