import { basename, dirname, join, relative } from 'node:path';
import * as l10n from '@vscode/l10n';
import { env, workspace } from 'vscode';
import type { PartialSettings } from '../core/plan/layerSettings';
import type { ModelDocument } from '../editor/modelDocument';
import type { OpenedModel } from '../editor/modelHost';
import { planUri } from '../editor/planFile';
import { notifications } from '../notifications';
import { problemLine } from '../protocol/problemText';
import type { Services } from '../services';
import { cliArguments, shellLine } from './cliLine';
import { copyName } from './copyName';
import { targetDocument } from './target';
import { offerQuantizeAll } from './writeQuantizedCopy';

/** Copies the command line that writes the same copy as the editor would; a plan it reads is saved first if need be. */
export async function copyCliCommand(services: Services, argument: unknown): Promise<void> {
  const document = await targetDocument(services, argument);
  const model = document?.host.model;
  if (!document || !model) return;
  if (document.uri.scheme !== 'file') {
    return void notifications.showInformationMessage(l10n.t('The command line reads models from local folders only.'));
  }
  if (model.planFeed.planned.length === 0) return offerQuantizeAll(document);
  const settings = settingsOfAll(document);
  if (!settings && document.plan.isDirty && !(await saveFirst(document))) return;
  const { line, folder } = cliLine(document, model, settings);
  await env.clipboard.writeText(line);
  const [problem] = settings ? [] : document.plan.problems(model.summary.layers);
  if (problem) {
    return void notifications.showWarningMessage(l10n.t('Copied, but the command line refuses the plan. {0}', problemLine(problem)));
  }
  void notifications.showInformationMessage(l10n.t('Copied, to be run in {0}: {1}', folder, line));
}

/** What these flags can say: the same settings for all layers and nothing else, and no plan file that says so already. */
function settingsOfAll({ plan: { plan, isDirty, hasFile } }: ModelDocument): PartialSettings | null {
  const { version: _, model: __, defaults, layers, ...tuning } = plan;
  if (defaults === undefined || defaults === 'float' || Object.keys({ ...layers, ...tuning }).length > 0) return null;
  return hasFile && !isDirty ? null : defaults;
}

async function saveFirst(document: ModelDocument): Promise<boolean> {
  const save = l10n.t('Save and Copy');
  const choice = await notifications.showInformationMessage(
    l10n.t('The command line reads {0}, and the plan has unsaved edits.', basename(planUri(document.uri).path)), save,
  );
  return choice === save && (await workspace.save(document.uri)) !== undefined;
}

/** The line, and the folder that its paths start from: the workspace's, where the terminal opens, or the model's own. */
function cliLine(
  { uri }: ModelDocument, { planFeed }: OpenedModel, settings: PartialSettings | null,
): { line: string; folder: string } {
  const folder = workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? dirname(uri.fsPath);
  const name = copyName(basename(uri.fsPath), planFeed.quantized.map(({ settings: { bits } }) => bits));
  const fromFolder = (path: string): string => relative(folder, path);
  const args = cliArguments({
    model: fromFolder(uri.fsPath),
    output: fromFolder(join(dirname(uri.fsPath), name)),
    how: settings ?? fromFolder(planUri(uri).fsPath),
    format: planFeed.copyFormat,
  });
  return { line: shellLine(args, env.shell), folder };
}
