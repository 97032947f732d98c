import type { Problem } from '../core/errors';
import type { LayerSettings } from '../core/plan/layerSettings';
import { SETTING_NAMES } from '../core/plan/readSettings';
import type { Outcome } from '../protocol/coreService';
import type { HostMessage } from '../protocol/page';
import { problemText } from '../protocol/problemText';

type CurveProblem = Extract<HostMessage, { type: 'curveProblem' }>;

/** Something the inspector shows that takes one or more calls to the core, each of which improves the answer. */
export interface Question {
  readonly layer: number;
  /** Equal for questions with equal answers. */
  readonly key: string;
  /** What is known by now, the same object until more is; null before the first call came back. */
  readonly answer: HostMessage | null;
  /** The next call to make, of most use under what is planned; null when the answer is final. */
  next(planned: LayerSettings | undefined): Step | null;
}

export interface Step {
  /** Whether it makes sure of what is known roughly: such steps wait until all else is answered. */
  confirms: boolean;
  /** Makes the call and takes in what comes back, unless it was cancelled. Never rejects. */
  run(options: { signal: AbortSignal; priority: number }): Promise<void>;
}

/** A question that one call answers for good, or else the problem that stood in its way; `key` tells it from others of its kind. */
export function singleAnswer(
  of: CurveProblem['of'], layer: number, key: string,
  ask: (options: { signal: AbortSignal; priority: number }) => Promise<Outcome<HostMessage>>,
): Question {
  let answer: HostMessage | null = null;
  return {
    layer,
    key: `${of} ${layer} ${key}`,
    get answer() {
      return answer;
    },
    next() {
      if (answer) return null;
      return {
        confirms: false,
        async run(options) {
          const outcome = await ask(options);
          if (options.signal.aborted) return;
          answer = outcome.ok ? outcome.value : curveProblem(of, layer, outcome.problem);
        },
      };
    },
  };
}

/** What the page shows in place of a chart. */
export function curveProblem(of: CurveProblem['of'], index: number, problem: Problem): CurveProblem {
  return { type: 'curveProblem', index, of, problem: problemText(problem) };
}

/** To six digits, more than any chart shows; null where it is not finite. */
export function forPage(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(6)) : null;
}

/** Equal for equal settings, in whatever order they were put together. */
export function keyOf(settings: LayerSettings | readonly LayerSettings[]): string {
  return JSON.stringify(settings, [...SETTING_NAMES]);
}
