import type { Accuracy, Evaluation } from '../protocol/evaluation';
import { evaluationFigures } from '../protocol/evaluationFigures';
import { printable } from '../protocol/plainText';
import { inputsText, NOT_FINITE, outputTable, RUN_SHAPE } from './compareText';
import type { EvaluateArguments } from './evaluateArguments';
import { percent, table } from './tables';

type Names = Pick<EvaluateArguments, 'model' | 'reference' | 'copy'>;

/** What `evaluate --json` prints. Scripts depend on its shape. */
export function evaluationDocument(names: Names, evaluation: Evaluation): unknown {
  const { file, labels } = evaluation;
  return {
    model: names.model, reference: referenceName(names), copy: names.copy !== null, inputs: file, labels, ...evaluationFigures(evaluation),
  };
}

/** The same for people. */
export function evaluationText(names: Names, evaluation: Evaluation): string {
  const { runtime, labels, reference, outputs } = evaluation;
  const heading = `ONNX Runtime (${runtime}) on ${inputsText(evaluation)}${labels === null ? '' : `, labels of ${printable(labels)}`}`;
  const parts = labels === null ? [heading] : [heading, accuracyTable(names, evaluation)];
  if (reference) {
    if (reference.agreement !== null) parts.push(`Same top 1 on ${percent(reference.agreement)} of the samples`);
    parts.push(outputTable(reference.outputs));
  } else {
    parts.push(table([
      { title: 'Output', align: 'left', cell: ({ name }) => name },
      { title: RUN_SHAPE, align: 'left', cell: ({ dims }) => dims.join('x') },
      NOT_FINITE,
    ], outputs));
  }
  return `${parts.join('\n\n')}\n`;
}

/** What would tell more; null when all is told. */
export function missingHint({ labels, reference }: Evaluation): string | null {
  if (labels !== null || reference) return null;
  return '--inputs and --labels give accuracy; --reference MODEL, or settings such as --bits 4, give agreement';
}

function accuracyTable(names: Names, { evaluated, reference }: Evaluation): string {
  const model = names.copy ? `copy of ${names.model}` : names.model;
  const rows = [{ model, accuracy: evaluated }, ...(reference ? [{ model: referenceName(names)!, accuracy: reference.accuracy }] : [])];
  return table<{ model: string; accuracy: Accuracy }>([
    { title: 'Model', align: 'left', cell: (row) => row.model },
    { title: 'Top 1', align: 'right', cell: ({ accuracy }) => percent(accuracy.top1) },
    { title: 'Top 5', align: 'right', cell: ({ accuracy }) => percent(accuracy.top5), optional: true },
  ], rows);
}

/** A copy is held against its own model. */
function referenceName({ model, reference, copy }: Names): string | null {
  return copy ? model : reference;
}
