import * as l10n from '@vscode/l10n';
import type { Evaluation } from './evaluation';

/** A model that is right less often has hardly been trained for these inputs, or they are not read as it takes them. */
const HARDLY_EVER = 0.2;

/** What to look at when even the model that is held against, or is alone, is hardly ever right; null when it is, and without labels. */
export function doubtfulInputs({ evaluated, reference }: Evaluation): string | null {
  const { top1 } = reference?.accuracy ?? evaluated;
  if (top1 === null || top1 >= HARDLY_EVER) return null;
  const percent = (100 * top1).toFixed(2);
  const found = reference
    ? l10n.t('The model that it is held against is right on {0} % of the samples.', percent)
    : l10n.t('The model is right on {0} % of the samples.', percent);
  return `${found} ${l10n.t('Do the range of the inputs, their order of axes and the labels suit it?')}`;
}
