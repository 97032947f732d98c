import type { EvaluationFigures } from '../core/report/modelReport';
import type { Evaluation } from './evaluation';
import { measures } from './outputComparison';

/** What an evaluation found, by the names that scripts know. */
export function evaluationFigures({ samples, runtime, evaluated, reference, outputs }: Evaluation): EvaluationFigures {
  const differences = new Map(reference?.outputs.map((output) => [output.b, output]));
  return {
    samples, runtime, evaluated,
    referenceAccuracy: reference?.accuracy ?? null,
    agreement: reference?.agreement ?? null,
    outputs: outputs.map(({ name, dims, notFinite: own }) => {
      const { a = null, difference = null, notFinite = null, top1Agreement = null } = differences.get(name) ?? {};
      return { name, referenceName: a, dims, ...measures(difference), notFinite: notFinite ?? own, top1Agreement };
    }),
  };
}
