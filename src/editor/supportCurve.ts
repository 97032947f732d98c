import type { PlannedLayer } from '../core/plan/layerSettings';
import type { Detail, ModelLocation, SupportCurve, SupportPoint } from '../protocol/coreService';
import type { HostMessage, PageSupportCurve } from '../protocol/page';
import type { CoreClient } from '../workers/coreClient';
import { curveProblem, forPage, type Question, type Step } from './question';

/** Support limits in standard deviations, closer where the curve bends. */
const LIMITS: readonly number[] = [...range(0.5, 5, 0.125), ...range(5, 8, 0.25), ...range(8, 12.5, 0.5)];

/** SQNR of the uniform quantizer against its support limit: first approximately, then over all weights. */
export function supportCurve(core: CoreClient, location: ModelLocation, planned: PlannedLayer): Question {
  const { layer, settings: { bits, grid, normalize } } = planned;
  let known: Detail | null = null;
  let answer: HostMessage | null = null;
  const step = (detail: Detail): Step => ({
    confirms: detail === 'exact',
    async run(options) {
      const outcome = await core.supportCurve(location, planned, [...LIMITS], detail, options);
      if (options.signal.aborted) return;
      if (outcome.ok) known = outcome.value.detail;
      answer = outcome.ok
        ? { type: 'supportCurve', curve: curveForPage(outcome.value) }
        : curveProblem('supportCurve', layer, outcome.problem);
    },
  });
  return {
    layer,
    key: `supportCurve ${layer} ${bits} ${grid} ${normalize}`,
    get answer() {
      return answer;
    },
    next() {
      if (answer?.type === 'curveProblem' || known === 'exact') return null;
      return step(known ? 'exact' : 'approximate');
    },
  };
}

function curveForPage({ layer, bits, grid, detail, weights, points, named, mean, std }: SupportCurve): PageSupportCurve {
  return {
    index: layer, bits, grid, mean, std,
    sampled: detail === 'exact' ? null : weights,
    points: points.map(pointForPage),
    named: named.filter(({ limit }) => Number.isFinite(limit))
      .map(({ region, ...point }) => ({ region, ...pointForPage(point) })),
  };
}

function pointForPage({ limit, sqnrDb, theorySqnrDb }: SupportPoint): PageSupportCurve['points'][number] {
  return { limit, sqnrDb: forPage(sqnrDb), theorySqnrDb: forPage(theorySqnrDb) };
}

/** From `start` to below `end`. */
function range(start: number, end: number, step: number): number[] {
  return Array.from({ length: Math.round((end - start) / step) }, (_, i) => start + i * step);
}
