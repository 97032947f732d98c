import { basename, dirname } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Uri, workspace } from 'vscode';
import { setCalibration } from '../core/plan/edits';
import { isNetworkPath } from '../core/plan/readCalibration';
import { folderFor } from '../editor/folderFor';
import type { ModelDocument } from '../editor/modelDocument';
import type { OpenedModel } from '../editor/modelHost';
import { isReadOnly, readOnlyText } from '../editor/planFile';
import { notifications } from '../notifications';
import { pathInPlan } from '../platform/pathInPlan';
import type { Services } from '../services';
import { askForArrays } from './askForArrays';
import { askForReading } from './askForReading';
import { pickOne, type PickItem } from './pickOne';
import { targetDocument } from './target';

type Choice = { file: string } | 'browse' | 'clear';

/** Asks for the inputs that the model is calibrated on, and names them in the plan, or takes them out of it. */
export async function setCalibrationData(services: Services, argument: unknown): Promise<void> {
  const document = await targetDocument(services, argument);
  const model = document?.host.model;
  if (!document || !model) return;
  if (isReadOnly(document.uri)) return void notifications.showInformationMessage(readOnlyText());
  if (document.uri.scheme !== 'file') {
    return void notifications.showInformationMessage(l10n.t('Calibration data is read from local folders only, beside a local model.'));
  }
  const choice = await askForFile(services, document, model);
  if (choice === 'clear') document.edit(setCalibration(document.plan.plan, undefined));
  else if (choice !== undefined) await calibrateOn(services, document, model, choice.file);
  services.editors.activePage?.focusGrid();
}

/** Names a file in the plan, once it is known to fit the model. */
async function calibrateOn(services: Services, document: ModelDocument, model: OpenedModel, file: string): Promise<void> {
  const reading = await askForReading(services, model, l10n.t('Set Calibration Data'), file);
  if (!reading) return;
  const inputs = pathInPlan(file, dirname(document.uri.fsPath));
  if (isNetworkPath(inputs)) {
    return void notifications.showInformationMessage(l10n.t('A plan names files of this machine only: copy the file beside the model first.'));
  }
  const { plan } = document.plan;
  const samples = plan.calibration?.samples;
  services.calibrationFiles.keep(file);
  document.edit(setCalibration(plan, { inputs, ...(samples !== undefined && { samples }), ...reading }));
}

/** Undefined when dismissed. */
async function askForFile(
  { calibrationFiles }: Services, document: ModelDocument, { planFeed: { tuning } }: OpenedModel,
): Promise<Exclude<Choice, 'browse'> | undefined> {
  const now = tuning.calibration?.inputs;
  const recent = await existing(new Set([...(now === undefined ? [] : [now]), ...calibrationFiles.recall()]));
  const items: PickItem<Choice>[] = recent.map((file) => ({
    label: basename(file),
    description: file === now ? l10n.t('in the plan') : workspace.asRelativePath(dirname(file)),
    value: { file },
  }));
  items.push({ label: l10n.t('Browse…'), value: 'browse' });
  if (now !== undefined) items.push({ label: l10n.t('Clear'), description: l10n.t('no calibration data in the plan'), value: 'clear' });
  const title = l10n.t('Set Calibration Data');
  const choice = items.length === 1 ? 'browse' : await pickOne<Choice>({
    title, placeHolder: l10n.t('Inputs to run the model on, as it is used'), items, active: items[0]!.value,
  });
  if (choice !== 'browse') return choice;
  const file = await askForArrays({
    title,
    openLabel: l10n.t('Use for Calibration'),
    defaultUri: now === undefined ? folderFor(document.uri) : Uri.file(dirname(now)),
  });
  return file === undefined ? undefined : { file };
}

async function existing(files: ReadonlySet<string>): Promise<string[]> {
  const found = await Promise.all([...files].map((file) => (
    workspace.fs.stat(Uri.file(file)).then(() => [file], () => [])
  )));
  return found.flat();
}
