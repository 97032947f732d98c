import type { LayerRow, PageStatistics, PlanRow } from '../../../src/protocol/page';
import type { TableRow } from '../../../webview/tableRow';

type Known = Partial<LayerRow> & { bits?: PlanRow['bits']; state?: PlanRow['state']; sqnrDb?: number | null; mse?: number; cosine?: number; note?: string } & Pick<PlanRow, 'output' | 'rounding' | 'uncalibrated' | 'ruinous'>;

/** A row of which only what a test speaks about is set. */
export function tableRow(index: number, known: Known = {}): TableRow {
  const { bits = null, state = bits === null ? 'float' : 'previewed', sqnrDb = null, mse = null, cosine = null, note = null, output, rounding, uncalibrated, ruinous, ...layer } = known;
  return {
    layer: {
      index, name: `layer${index}`, scope: '', op: 'Conv', node: '', dims: [4, 4], dtype: 'float32', elements: 16, bytes: 64, reason: null,
      ...layer,
    },
    plan: {
      index, state, bits, method: bits === null ? null : 'uniform', granularity: bits === null ? null : 'channel', sqnrDb,
      predictedSqnrDb: null, mse, maxAbsError: null, cosine, bytesAfter: null, note,
      ...(output && { output }), ...(rounding && { rounding }), ...(uncalibrated && { uncalibrated }), ...(ruinous && { ruinous }),
    },
    statistics: null,
    problem: null,
    moved: null,
  };
}

export function statistics(index: number, known: Partial<PageStatistics> = {}): PageStatistics {
  return {
    index, count: 4, nan: 0, inf: 0, zeros: 0, min: -1, max: 1, mean: 0, std: 1, median: 0, meanAbsDeviation: 0.5, kurtosis: 0,
    quantiles: {}, laplace: null, gauss: null, histogram: { min: -1, max: 1, counts: [1, 1, 1, 1] }, previous: null, ...known,
  };
}
