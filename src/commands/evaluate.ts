import { basename } from 'node:path/posix';
import * as l10n from '@vscode/l10n';
import { env, type Uri } from 'vscode';
import type { RememberedInputs } from '../editor/evaluationMemory';
import { folderFor } from '../editor/folderFor';
import type { ModelDocument } from '../editor/modelDocument';
import { PRIORITY } from '../editor/priorities';
import { notifications } from '../notifications';
import type { Outcome } from '../protocol/coreService';
import { doubtfulInputs } from '../protocol/doubtfulInputs';
import type { Evaluation, EvaluationInputs } from '../protocol/evaluation';
import { fewPositionsCaveat } from '../protocol/fewPositionsText';
import { reportProblem } from '../reportError';
import type { Services } from '../services';
import { askForArrays } from './askForArrays';
import { askForReading } from './askForReading';
import { evaluationMessage } from './evaluationMessage';
import { pickOne } from './pickOne';
import { progressNotification } from './progressNotification';
import { targetDocument } from './target';

/** Asks for inputs, how to read them, and labels, and tells how the copy that the plan makes would do on them, against the model itself. */
export async function evaluate(services: Services, argument: unknown): Promise<void> {
  const document = await targetDocument(services, argument);
  const model = document?.host.model;
  if (!document || !model) return;
  if (document.uri.scheme !== 'file') {
    return void notifications.showInformationMessage(l10n.t('Only models in local folders can be evaluated.'));
  }
  const file = await askForFile(document.uri, l10n.t('Evaluate: Inputs'));
  if (!file) return;
  const reading = await askForReading(services, model, l10n.t('Evaluate'), file);
  if (!reading) return;
  const hasLabels = await pickOne({
    title: l10n.t('Evaluate'),
    placeHolder: l10n.t('Is the class of each input known?'),
    items: [
      { label: l10n.t('Choose Labels…'), detail: l10n.t('Accuracy and agreement'), value: true },
      { label: l10n.t('Without Labels'), detail: l10n.t('Agreement alone'), value: false },
    ],
  });
  if (hasLabels === undefined) return;
  const labels = hasLabels ? await askForFile(document.uri, l10n.t('Evaluate: Labels')) : undefined;
  if (hasLabels && labels === undefined) return;
  await evaluateOn(services, document, { file, ...reading, ...(labels !== undefined && { labels }) });
}

/** Evaluates on the inputs of the last time, which may be long ago, or asks for some where there was none. */
export async function evaluateAgain(services: Services, argument: unknown): Promise<void> {
  const document = await targetDocument(services, argument);
  const inputs = document && services.evaluations.recall(document.uri);
  if (document && inputs) await evaluateOn(services, document, inputs);
  else await evaluate(services, argument);
}

async function evaluateOn(services: Services, document: ModelDocument, inputs: RememberedInputs): Promise<void> {
  const found = document.host.evaluation.begin(inputs.file);
  const outcome = await evaluated(services, document, inputs);
  if (!outcome) return;
  if (!outcome.ok) return reportProblem(services.log, outcome.problem);
  const text = evaluationMessage(outcome.value, inputs);
  found(outcome.value, text);
  services.evaluations.keep(document.uri, inputs);
  services.log.info(text);
  const caveats = [doubtfulInputs(outcome.value), fewPositionsCaveat(outcome.value.copyLayers ?? [])].filter((caveat) => caveat !== null);
  for (const caveat of caveats) services.log.warn(caveat);
  const copy = l10n.t('Copy');
  if (await notifications.showInformationMessage([text, ...caveats].join('. '), copy) === copy) await env.clipboard.writeText(text);
}

function askForFile(model: Uri, title: string): Promise<string | undefined> {
  return askForArrays({ title, openLabel: l10n.t('Evaluate'), defaultUri: folderFor(model) });
}

function evaluated(
  { core }: Services, document: ModelDocument, inputs: EvaluationInputs,
): Promise<Outcome<Evaluation> | null> {
  return progressNotification(l10n.t('Evaluating {0}', basename(document.uri.path)), async (options) => {
    const { model } = document.host;
    if (!model) return null;
    const { location, planFeed: { planned: plan, copyFormat: format, tuning } } = model;
    const reference = plan.length === 0 ? null : { copy: { plan, format, tuning } };
    return core.evaluateModel(location, reference, inputs, { ...options, priority: PRIORITY.asked });
  });
}
